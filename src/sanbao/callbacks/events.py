"""What callers find, for the modules above: plain lists of functions, called in the caller's transaction."""

from collections.abc import Callable

# (observation, by=, at=): something is wrong with a job. Whoever makes a finding of it says so by `operations.became_finding`.
FOUND: list[Callable[..., None]] = []

# (access, ids): {id: (page, words, tone)} of the findings among these that this person may see, for the way from an observation to its finding.
FINDINGS: list[Callable[..., dict[int, tuple[str, str, str]]]] = []

# (callback, by=, at=): a callback is over, with or without a talk.
OVER: list[Callable[..., None]] = []
