"""What happens to rulebooks, told to whoever wants to know: modules above put their functions into the lists when the app starts."""

from collections.abc import Callable

# Hear of an edition that the company decides by from now on: (edition, by=…, at=…), in the transaction of the adoption.
ADOPTED: list[Callable[..., None]] = []
# Hear of a move of a draft, "submission" or "publication" say: (noun, draft, by=…, at=…), in its transaction.
MOVED: list[Callable[..., None]] = []
# Hear of a proposal: (what, proposal, by=…, at=…); what is "made", "acceptance", "refusal" or "effect".
PROPOSED: list[Callable[..., None]] = []
