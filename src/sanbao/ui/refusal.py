"""Expected refusals: what a person may read and act on. Anything else that is raised is a fault of ours."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sanbao.edge import watch


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
        watch.refused(code)
        self.sentence = sentence
        self.code = code
        self.field = field
        self.details = dict(details or {})

    def __str__(self) -> str:
        return str(self.sentence)


class Leading(str):
    """A sentence that names an address of ours: on a page it leads there, everywhere else it is the plain sentence."""

    url: str

    def __new__(cls, sentence: str, url: str) -> "Leading":
        made = super().__new__(cls, sentence)
        made.url = url
        return made

    def __str__(self) -> str:
        return self  # Django writes str(…) of what it shows; it must stay what it is

    def __html__(self) -> SafeString:
        link = format_html('<a href="{0}">{0}</a>', self.url)
        return mark_safe(escape(str.__str__(self)).replace(escape(self.url), link))  # noqa: S308 — both are escaped


class Stale(Refusal):
    """Somebody changed the thing since this page was shown: the reader should look again."""

    status = 409


class Busy(Refusal):
    """Others hold what is needed too long: nothing was done, and trying again helps."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else is working on the same thing at this moment. Nothing was changed; try again shortly."
            ),
            code="busy",
        )


class TooMany(Refusal):
    """More requests than people make: wait so many seconds."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            _("That was very often in a short time. Wait %(seconds)d seconds, then go on.")
            % {"seconds": seconds},
            code="too_many",
            details={"wait_seconds": seconds},
        )
        self.seconds = seconds
