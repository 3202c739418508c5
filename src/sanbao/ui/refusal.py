"""Expected refusals: what a person may read and act on. Anything else that is raised is a fault of ours."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """An operation could not be done, for a reason the reader can mend.

    `sentence` says what to do in the reader's language; `field` names the form field it belongs beside, if any;
    `code` is what the API answers; `status` is the HTTP status (422, or 409 where somebody else was faster).
    """

    status = 422

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "refused",
        field: str = "",
        details: Mapping[str, Any] | None = None,
    ):
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.field = field
        self.details = dict(details or {})

    def __str__(self) -> str:
        return str(self.sentence)


class Stale(Refusal):
    """Somebody changed the thing since this page was shown: the reader should look again."""

    status = 409
