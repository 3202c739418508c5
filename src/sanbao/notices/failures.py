"""Why a message did not go: a code that is kept with the message, and the sentence an administrator reads.

Kept as "code" or "code: detail". A detail is a number or a name of the provider's own; no address, no text, no secret.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "nobody": _("No provider is set up for this channel."),
    "unreachable": _("The provider could not be reached."),
    "login": _("The provider refused our name or password."),
    "busy": _("The provider is busy or limits how often it may be asked."),
    "answered": _("The provider refused for now."),
    "refused": _("The provider refused for good."),
    "recipient": _("The provider knows no such recipient, or the recipient takes no messages."),
    "broke-off": _("The provider broke off after it may have accepted."),
    "nonsense": _("The provider answered what can't be read; it may have accepted."),
    "template": _("No template is set for this kind of message."),
    "unwritable": _("The message can't be written in the form this channel has."),
    "key-gone": _("The text was sealed with a key that is gone."),
    "window": _(
        "The recipient has not written for too long, so the provider takes no free text, and no template is set."
    ),
    "kf-window": _(
        "The customer has not written by WeChat customer service for 48 hours, so it takes no message. Send an SMS, or wait until they write again."
    ),
    "kf-limit": _(
        "WeChat customer service takes five messages until the customer writes again, and they are used up. Send an SMS, or wait."
    ),
    "kf-session": _(
        "WeChat customer service takes no message in this session: a colleague serves the customer in the WeCom app, or it has ended. Answer there, or send an SMS."
    ),
    "kf-account": _("It is not known to which account of WeChat customer service the customer has written."),
    "late": _("A welcome can be sent for 20 seconds only."),
    "held": _("Held back: so many messages to this recipient are enough for now."),
    "worker": _("Every attempt was broken off."),
    "unexpected": _("The program failed while sending."),
    # of what came in
    "deaf": _("Nobody listens to this channel."),
    "no-report": _("It is no report about a message of ours."),
    "no-message": _("There is no message of ours with this number."),
    "automatic": _("A machine wrote it, about nothing of ours."),
    "own-mail": _("We wrote it ourselves."),
    "loop": _("Two machines were writing to each other."),
    "closed": _("This channel takes in no requests for this company (SANBAO_CHANNELS)."),
    "event": _("An event about which nothing is to be done."),
    "empty": _("Nothing was said in it."),
    "unknown-kind": _("A kind of message that can't be read here."),
    "stop": _("The sender wants no more SMS."),
    "media": _("The picture or recording could not be fetched yet."),
    "listener": _("The program failed while handling it."),
}


class Failed(Exception):
    """A message did not go. `code` is one of WORDS."""

    def __init__(self, code: str, detail: object = ""):
        super().__init__(f"{code}: {detail}" if detail != "" else code)


class Temporary(Failed):
    """The provider surely has not accepted it; a later attempt may succeed."""


class Permanent(Failed):
    """The provider refused it for good."""


class Unsure(Failed):
    """The provider may have accepted it: sent again, it can arrive twice."""


def sentence(error: str) -> str:
    """A kept error in words; one without words as it was kept."""
    code, _colon, detail = error.partition(": ")
    if code not in WORDS:
        return error
    return f"{WORDS[code]} ({detail})" if detail else str(WORDS[code])
