"""A mail becomes a request, or joins the one it is about (ST-2). Only the parties of a request join its thread."""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.customers import queries as customers
from sanbao.customers.models import Contact
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake.letters import Letter, without_quotation
from sanbao.intake.models import Category, Entry, Request
from sanbao.intake.operations.acknowledging import acknowledge
from sanbao.intake.operations.registering import Ask, receive
from sanbao.intake.operations.talking import receive_message
from sanbao.intake.states import Channel, State
from sanbao.notices.models import Message
from sanbao.ui.refusal import Refusal

NUMBER = re.compile(r"S\d{6}-\d{1,9}")
MOST_RECEIPTS = 5  # confirmed to one address within a day: two machines writing to each other end there


class NoRequest(Exception):
    """The mail is nobody's work. The text is a code of notices.failures.WORDS."""


@transaction.atomic
def take_in(letter: Letter, original: StoredFile, category: Category, *, by: Access, at: datetime) -> Request:
    """The request the mail has become or joined; NoRequest for what a machine wrote about nothing of ours.

    `original` is the mail as it came: it goes along wherever not all of it could be shown.
    """
    about = _about(letter, by.company_id)
    if letter.automatic:
        if about is None:
            raise NoRequest("automatic")
        _note(about, _("A machine answered:") + "\n" + letter.text, letter, by, at)
        return about
    kept = _kept(letter, original, by, at)
    alive = about is not None and (about.state != State.CANCELLED or about.merged_into_id)
    if about is not None and alive and is_party(about, letter.sender):
        try:
            receive_message(
                about, _words(letter, joined=True), channel=Channel.EMAIL, external_id=letter.number, files=kept, by=by, at=at
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code != "loop":
                raise
            raise NoRequest("loop") from None
        return about
    return _new(letter, kept, category, about, by, at)


def _new(
    letter: Letter,
    kept: list[StoredFile],
    category: Category,
    about: Request | None,
    by: Access,
    at: datetime,
) -> Request:
    known = customers.by_contact(category.company_id, email=letter.sender)
    made = receive(
        Ask(
            channel=Channel.EMAIL, category=category, subject=letter.subject[:120] or _("(without a heading)"),
            description=_words(letter, joined=False), contact=letter.name, email=letter.sender,
            customer=known[0] if len(known) == 1 else None, external_id=letter.number, files=kept,
        ),
        by=by, at=at,
    )  # fmt: skip
    if about is not None:
        _note(
            made,
            _(
                "The mail names %(number)s. Its sender is no party to that request, so it stands here by itself."
            )
            % {"number": about.number},
            None,
            by,
            at,
        )
    today = Request.objects.filter(
        company_id=by.company_id,
        channel=Channel.EMAIL,
        email=letter.sender,
        made_at__gt=at - timedelta(days=1),
    )
    if today.count() <= MOST_RECEIPTS:
        acknowledge(made, by=by, at=at)
    return made


def is_party(request: Request, address: str) -> bool:
    """Whether an address is one the request is talked about with: its own, its customer's, or one that was written to about it."""
    if address == request.email.lower():
        return True
    if (
        request.customer_id
        and Contact.objects.filter(
            customer_id=request.customer_id, ended_at__isnull=True, email__iexact=address
        ).exists()
    ):
        return True
    return Message.objects.filter(
        channel=Message.Channel.EMAIL, about=f"intake.request:{request.pk}", address__iexact=address
    ).exists()


def _about(letter: Letter, company_id: int | None) -> Request | None:
    """The request a mail answers: by the number of our letter, else by the request's number in the heading."""
    rows = Request.objects.filter(company_id=company_id, erased_at__isnull=True)
    receipts = [f"<{number}>" for number in letter.answers[:20]]
    written = Message.objects.filter(
        company_id=company_id,
        channel=Message.Channel.EMAIL,
        receipt__in=receipts,
        about__startswith="intake.request:",
    ).order_by("-pk")
    for message in written[:1]:
        if (found := rows.filter(pk=int(message.about.partition(":")[2])).first()) is not None:
            return found
    numbers = NUMBER.findall(letter.subject)[:5]
    return rows.filter(number__in=numbers).order_by("-pk").first() if numbers else None


def _kept(letter: Letter, original: StoredFile, by: Access, at: datetime) -> list[StoredFile]:
    """The files of the mail, photographs drawn anew; and the mail as it came where something of it is not shown."""
    kept = []
    for name, data in letter.files[:18]:
        try:
            kept.append(files.keep_image(data, name, by=by, at=at).file)
        except Refusal:  # no photograph: a file to be downloaded, never shown
            kept.append(files.keep(data, name, by=by, at=at))
    if letter.kept_out or len(letter.files) > len(kept) or len(letter.text) > 3_900:
        kept.append(original)
    return kept


def _words(letter: Letter, *, joined: bool) -> str:
    words = without_quotation(letter.text) if joined else letter.text
    if len(words) > 3_900:
        words = words[:3_900] + " …"
    if letter.kept_out:
        words += "\n" + _("Not taken over, because they could run: %(names)s") % {
            "names": ", ".join(letter.kept_out)[:200]
        }
    return words or _("(without words)")


def _note(request: Request, words: str, letter: Letter | None, by: Access, at: datetime) -> None:
    number = letter.number[:200] if letter else ""
    if number and request.entries.filter(channel=Channel.EMAIL, external_id=number).exists():
        return
    Entry.objects.create(
        request=request, at=at, kind=Entry.Kind.NOTE, channel=Channel.EMAIL, external_id=number, body=words[:8000],
        handler_id=request.assignee_id,
    )  # fmt: skip
