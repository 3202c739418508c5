"""Marking requests with tags, and following them."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.written import written
from sanbao.audit import operations as audit
from sanbao.intake.models import Entry, Reader, Request, Tag
from sanbao.intake.permissions import May
from sanbao.notices.telling import tell
from sanbao.ui.refusal import Refusal

MOST_TAGS, LONGEST_TAG = 20, 30


@transaction.atomic
def keep_tags(
    request: Request, *, add: Iterable[str] = (), remove: Iterable[str] = (), by: Access, at: datetime
) -> Request:
    """Mark a request with tags, or take some away; a tag nobody has used before is made. Its version stays: a mark moves nothing."""
    by.require(May.WORK)
    found = Request.objects.visible_to(by, May.WORK).select_for_update(of=("self",)).get(pk=request.pk)
    gone = {_plain(name).casefold() for name in remove}
    kept = [name for name in found.tags if name.casefold() not in gone]
    have = {name.casefold() for name in kept}
    for name in dict.fromkeys(_plain(name) for name in add):
        if name and name.casefold() not in have:
            kept.append(_tag(name, by).name)
            have.add(name.casefold())
    if len(kept) > MOST_TAGS:
        raise Refusal(
            _("A request has at most %(most)d tags; take one away first.") % {"most": MOST_TAGS}, field="tags", code="many"
        )  # fmt: skip
    if kept == found.tags:
        return found
    found.tags = kept
    found.save(update_fields=["tags"])
    Entry.objects.create(
        request=found, at=at, kind=Entry.Kind.CHANGED, by_id=by.person_id, handler_id=found.assignee_id,
        body=_("Tags: %(tags)s") % {"tags": " · ".join(kept) or "–"},
    )  # fmt: skip
    audit.record("intake:request:tagged", found, by=by, at=at, outlet_id=found.outlet_id, tags=kept)
    return found


def _plain(name: str) -> str:
    """A tag as people mean it. Refused where nobody could read it on a list."""
    name = " ".join(unicodedata.normalize("NFKC", name).split()).strip("#,，、")
    if len(name) > LONGEST_TAG or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise Refusal(
            _("A tag has at most %(most)d characters, all of them visible.") % {"most": LONGEST_TAG}, field="tags", code="tag"
        )  # fmt: skip
    return name


def _tag(name: str, by: Access) -> Tag:
    """The company's tag of this name, however it is capitalised. Two who make it at once make one."""
    rows = Tag.objects.filter(company_id=by.company_id, name__iexact=name)
    if (tag := rows.first()) is None:
        try:
            with transaction.atomic():
                return Tag.objects.create(company_id=by.company_id, name=name)
        except IntegrityError:
            tag = rows.get()
    if tag.retired_at:
        raise Refusal(
            _("The tag “%(tag)s” is no longer used; choose another.") % {"tag": tag.name}, field="tags", code="retired"
        )  # fmt: skip
    return tag


@transaction.atomic
def retire_tag(tag: Tag, *, by: Access, at: datetime) -> None:
    """No longer offered; requests that have it keep it."""
    by.require(May.MANAGE)
    found = Tag.objects.visible_to(by, May.MANAGE).select_for_update(of=("self",)).get(pk=tag.pk)
    if found.retired_at is None:
        found.retired_at = at
        found.save(update_fields=["retired_at"])
        audit.record("intake:tag:retired", found, by=by, at=at, tag=found.name)


@transaction.atomic
def follow(request: Request, *, by: Access, at: datetime) -> None:
    """Be told of what happens to a request from now on."""
    by.require(May.SEE)
    found = Request.objects.visible_to(by, May.SEE).get(pk=request.pk)
    if by.outlets is not None:
        raise Refusal(_("An outlet hears of its requests anyway; only headquarters follows them."), code="outlet")  # fmt: skip
    _row, made = Reader.objects.get_or_create(
        company_id=by.company_id, request=found, person_id=by.person_id, outlet=None, defaults={"since": at}
    )
    if made:
        audit.record("intake:request:watched", found, by=by, at=at, outlet_id=found.outlet_id)


@transaction.atomic
def unfollow(request: Request, *, by: Access, at: datetime) -> None:
    """Be told no more."""
    by.require(May.SEE)
    found = Request.objects.visible_to(by, May.SEE).get(pk=request.pk)
    gone, _kinds = Reader.objects.filter(request=found, person_id=by.person_id).delete()
    if gone:
        audit.record("intake:request:unwatched", found, by=by, at=at, outlet_id=found.outlet_id)


def tell_followers(request: Request, what: dict[str, str], key: Any, *, by: Access, at: datetime) -> None:
    """Whoever follows it is told what has happened, except the one who did it."""
    readers = written(
        "followers",
        lambda number, doer: (
            Reader.objects.filter(request=number, person__isnull=False)
            .exclude(person=doer)
            .select_related("person")
        ),
        number=request.pk,
        doer=by.person_id or 0,
    )
    people = [reader.person for reader in readers]
    if people:
        tell(
            people, "intake:happened", about=request, by=by, at=at, key=f"{request.pk}:{key}", request=request.number,
            who=by.name or "–", what=what,
        )  # fmt: skip
