"""What happens to rulebooks, told to whoever wants to know: modules above put their functions into the list when the app starts."""

from collections.abc import Callable

# Hear of an edition that the company decides by from now on: (edition, by=…, at=…), in the transaction of the adoption.
ADOPTED: list[Callable[..., None]] = []
