"""Who may open what: every URL × every person × their relation to the thing, generated from the marks (CO-1).

Out of role is 403, out of scope 404, gone 404, not signed in is the sign-in page. Nothing answers 500. A URL with arguments that
nobody has given an object for fails here, so the matrix grows with the product.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from sanbao.accounts.access import Access
from sanbao.accounts.models import Token
from sanbao.ledger.models import Account, Entry
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Posting
from sanbao.outlets.queries import access_of
from sanbao.privacy.models import Request
from sanbao.products import operations as products
from sanbao.products.models import Model, Part
from sanbao.regulations.models import Edition
from sanbao.settlements import operations
from sanbao.settlements.models import Answer, Finding, HandIn, Sheet, Statement
from sanbao.settlements.permissions import May
from sanbao.ui.pages import Mark, marks, walk
from tests.cast import APRIL, NOW, Cast, assemble
from tests.months import row, xlsx

ANYWHERE = "the whole company"
GONE = 987_654_321


@dataclass(frozen=True)
class Thing:
    """The arguments of a URL, and where its object lies: an outlet's code, the whole company, or everybody's."""

    arguments: tuple[Any, ...]
    place: str


def privacy_request(cast: Cast) -> Request:
    """A request that waits for a second person. Made by hand: nothing of the cast's is old enough to be erased."""
    return Request.objects.create(
        company=cast.company, kind="erase", phone="13800005678", shown="138****5678", reason="asked by letter",
        asked_at=NOW, asked_by=cast.people["supervisor"],
    )  # fmt: skip


@pytest.fixture
def things(cast: Cast) -> dict[str, Thing]:
    """An object of GZ001 (or of the company) for every URL that takes arguments."""
    admin = cast.access("admin")
    sheet = cast.sheet()
    finding = operations.register_finding(sheet, "late_service", by=cast.access("callbacks"), at=NOW)
    cast.received()
    statement = cast.statement(upto="submitted")
    answer = operations.answer(statement, "question", note="?", by=cast.access("owner-GZ001"), at=NOW)
    may = APRIL.replace(month=3)
    hand_in = operations.read_hand_in(
        cast.outlets["GZ001"],
        may,
        xlsx([row(单号="M1")]),
        "march.xlsx",
        by=cast.access("owner-GZ001"),
        at=NOW,
    )
    part = products.keep_part("P-1", "电机", 9999, by=admin, at=NOW)
    token, _secret = Token.make(
        cast.people["clerk"], cast.company, "t", at=NOW, expires_at=NOW + timedelta(days=9)
    )
    payable = Account.objects.get(code="outlet-accrued", outlet_id=cast.outlets["GZ001"].pk)
    entry = Entry.objects.latest("id")
    outlet, model = cast.outlets["GZ001"], Model.objects.filter(company=cast.company).first()
    posting = Posting.objects.filter(company=cast.company).first()
    edition = Edition.objects.filter(book="charges").first()
    former = cast.people["callbacks"]
    for post in former.postings.all():
        outlets.dismiss(post, on=NOW.date(), by=admin, at=NOW)
    asked = privacy_request(cast)
    one = {
        "statement": Thing((statement.pk,), "GZ001"),
        "sheet": Thing((sheet.pk,), "GZ001"),
        "hand-in": Thing((hand_in.pk,), "GZ001"),
        "finding": Thing((finding.pk,), "GZ001"),
        "answer": Thing((answer.pk,), "GZ001"),
    }
    return {
        "accounts:revoke-token": Thing((token.pk,), "clerk"),
        "accounts:end-session": Thing((GONE,), "clerk"),
        "accounts:remove-factor": Thing((GONE,), "clerk"),
        **{f"accounts:{name}": Thing((cast.people["clerk"].pk,), ANYWHERE) for name in
           ("make-link", "end-sessions", "unlock", "reset-factors", "deactivate", "reactivate")},
        "accounts:person": Thing((cast.people["clerk"].pk,), ANYWHERE),
        "accounts:appoint": Thing((cast.people["clerk"].pk,), ANYWHERE),
        "accounts:end-posting": Thing((posting.pk,), ANYWHERE),
        "regulations:edition": Thing((edition.pk,), "everybody"),
        "regulations:adopt": Thing((edition.pk,), "everybody"),
        "regulations:book": Thing(("settlement",), "everybody"),
        "decisions:decision": Thing((statement.decision_id,), "GZ001"),
        "decisions:replay": Thing((statement.decision_id,), "GZ001"),
        "ledger:account": Thing((payable.pk,), "GZ001"),
        "ledger:entry": Thing((entry.pk,), "GZ001"),
        "outlets:outlet": Thing((outlet.pk,), "GZ001"),
        "outlets:edit": Thing((outlet.pk,), "GZ001"),
        "privacy:erase-staff": Thing((former.pk,), ANYWHERE),
        **{f"privacy:{name}": Thing((asked.pk,), ANYWHERE) for name in ("request", "approve", "decline")},
        "audit:history": Thing((outlet.pk, "outlets_outlet"), "GZ001"),
        "outlets:unmask": Thing((outlet.pk,), "GZ001"),
        "products:model": Thing((model.pk,), ANYWHERE),
        "products:part": Thing((part.pk,), ANYWHERE),
        "products:part-why": Thing((part.pk,), "in the company"),
        "settlements:statements-move": Thing(("check",), "everybody"),
        "settlements:statement-line-why": Thing((statement.pk, sheet.pk), "GZ001"),
        "settlements:move": Thing((statement.pk, "check"), "GZ001"),
        "settlements:reply": one["answer"],
        "settlements:finding-withdraw": one["finding"],
        **{f"settlements:{name}": one["statement"] for name in
           ("statement", "statement-why", "statement-pdf", "statement-xlsx", "answer")},
        **{f"settlements:{name}": one["hand-in"] for name in
           ("hand-in-report", "hand-in-take-over", "hand-in-drop", "hand-in-file")},
        **{f"settlements:{name}": one["sheet"] for name in
           ("sheet", "sheet-unmask", "sheet-withdraw", "sheet-pdf")},
    }  # fmt: skip


# Moves ask for the permission of the move, which stands in the address.
OTHER_PERMISSION = {"settlements:move": May.CHECK, "settlements:statements-move": May.CHECK}


def pages() -> list[tuple[str, str, Mark]]:
    """Every page that is not open to everyone: (path, name, mark). The API has its own tests."""
    return [
        (path, name, mark)
        for path, name, view in walk(get_resolver().url_patterns)
        for mark in marks(view)
        if mark.audience not in ("anyone", "api")
    ]


def reaches(access: Access, permission: str, place: str, cast: Cast) -> bool:
    """Whether the person's permission reaches the place, worked out from the posts and not from the queries."""
    reach = access.reach(permission)
    if place == "everybody":
        return bool(reach)
    if not reach or reach.company_id != cast.company.pk:
        return False
    if place == "in the company" or reach.whole:
        return True
    if place == ANYWHERE:
        return False
    outlet = cast.outlets[place]
    return outlet.pk in reach.outlets or outlet.region_id in reach.regions


def everybody(cast: Cast) -> list[tuple[str, Client, Access]]:
    """Each person of the company and of another company, signed in."""
    other = assemble("other", "other-", "另一家")
    found = []
    for company, label in ((cast, ""), (other, "other ")):
        for name, person in company.people.items():
            client = Client(raise_request_exception=False)
            client.force_login(person)
            found.append((label + name, client, access_of(person, NOW.date())))
    return found


def test_every_url_with_arguments_has_an_object_in_the_matrix(things: dict[str, Thing]) -> None:
    assert {name for path, name, _mark in pages() if "<" in path} <= set(things)


def test_nobody_opens_what_is_out_of_role_or_scope(cast: Cast, things: dict[str, Thing]) -> None:
    wrong = []
    people = everybody(cast)
    for _path, name, mark in pages():
        thing = things.get(name, Thing((), "everybody"))
        permission = OTHER_PERMISSION.get(name, mark.permission)
        method = "GET" if "GET" in mark.methods else "POST"
        for who, client, access in people:
            if not mark.permission:
                if thing.arguments and (who != "clerk" or GONE in thing.arguments):
                    status = client.generic(method, reverse(name, args=thing.arguments)).status_code
                    if status != 404:
                        wrong.append((name, who, "foreign", status))
                continue
            permitted, reached = access.may(permission), reaches(access, permission, thing.place, cast)
            expected = 403 if not permitted else 404 if not reached else 200
            if expected == 200 and method == "POST":
                continue  # what it does is tested where it belongs; here nothing may change
            answer = client.generic(method, reverse(name, args=thing.arguments))
            if answer.status_code != expected:
                wrong.append((name, who, method, expected, answer.status_code))
            if expected == 200 and not thing.arguments:
                fragment = client.get(reverse(name), headers={"HX-Request": "true", "HX-Target": "list"})
                if fragment.status_code != 200:
                    wrong.append((name, who, "HTMX", fragment.status_code))
    assert wrong == []


def test_what_is_gone_is_404_for_those_who_might_have_seen_it(cast: Cast, things: dict[str, Thing]) -> None:
    wrong = []
    for path, name, mark in pages():
        thing = things.get(name)
        if thing is None or "<int:" not in path or not mark.permission:
            continue
        permission = OTHER_PERMISSION.get(name, mark.permission)
        arguments = (GONE, *thing.arguments[1:])
        for who, person in cast.people.items():
            if not cast.access(who).may(permission):
                continue
            client = Client(raise_request_exception=False)
            client.force_login(person)
            for method in mark.methods:
                status = client.generic(method, reverse(name, args=arguments)).status_code
                if status != 404:
                    wrong.append((name, who, method, status))
    assert wrong == []


def test_writes_out_of_scope_change_nothing(cast: Cast, things: dict[str, Thing]) -> None:
    """A sibling outlet and another company press every button of GZ001."""

    def counted() -> list[Any]:
        return [
            *(model.objects.count() for model in (Sheet, Finding, Statement, Answer, HandIn, Entry, Part, Model)),
            *Statement.objects.values_list("state", "version"),
        ]  # fmt: skip

    strangers = [
        (who, client) for who, client, _access in everybody(cast) if who == "owner-NB011" or "other" in who
    ]
    before = counted()
    wrong = []
    for _path, name, mark in pages():
        if "POST" not in mark.methods or name not in things or things[name].place == "everybody":
            continue
        for who, client in strangers:
            body = {"version": "2", "reason": "x", "kind": "question", "note": "x", "reply": "x"}
            status = client.post(reverse(name, args=things[name].arguments), body).status_code
            if status not in (403, 404):
                wrong.append((name, who, status))
    assert wrong == []
    assert counted() == before


def test_whoever_has_not_signed_in_is_sent_to_sign_in(cast: Cast, things: dict[str, Thing]) -> None:
    for _path, name, mark in pages():
        arguments = things[name].arguments if name in things else ()
        for method in mark.methods:
            answer = Client().generic(method, reverse(name, args=arguments))
            assert answer.status_code == 302, (name, method, answer.status_code)
            assert "/sign-in/" in answer.headers["Location"]
