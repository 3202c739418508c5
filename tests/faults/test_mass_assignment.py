"""Whoever sends more than a form or a body declares changes nothing more (ASVS 15.3.3).

Generated: every form that stands on any page, for the people who may open it, is sent as it stands, then again with hundreds of further
keys (every field of every model, with values that would hurt), each time in a transaction that is undone. Both times the database must
look the same, and no hostile value may stand anywhere in it.
"""

# ruff: noqa: F401, F811 (a fixture of another file is asked for by its name)

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.products import operations
from sanbao.site.api import api
from tests.access.test_matrix import Thing, pages, things
from tests.cast import Cast, assemble

FULL = os.environ.get("SANBAO_FAULTS") == "1"
MARK, NUMBER, DAY = "HOSTILE-7f3a", 987_654_321, "1987-06-05"
OURS = (
    "accounts",
    "outlets",
    "products",
    "regulations",
    "decisions",
    "ledger",
    "files",
    "settlements",
    "privacy",
    "notices",
    "knowledge",
)


@dataclass
class Sent:
    """A form as it stands on a page."""

    action: str
    fields: dict[str, Any] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    has_file: bool = False


class Forms(HTMLParser):
    """The POST forms of a page with what stands in them; what is empty and asked for gets something likely."""

    LIKELY = {
        "date": "2026-05-01",
        "email": "a@example.com",
        "tel": "13800005678",
        "number": "5",
        "password": "a long enough password",
    }
    BY_NAME = {"month": "2026-04", "km": "5", "charged_fen": "0", "supply_price": "12.50", "since": "2027-01-01", "edition": "2027.1", "phone": "13800005678", "days": "90", "refund": "1"}  # fmt: skip

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[Sent] = []
        self.form: Sent | None = None
        self.select = self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "form" and said.get("method", "").lower() == "post":
            self.form = Sent(said.get("action", ""))
            self.forms.append(self.form)
        if self.form is None:
            return
        name = said.get("name", "")
        self.form.declared.add(name)
        if tag == "input" and name:
            kind = said.get("type", "text")
            if kind == "file":
                self.form.has_file = True
            elif kind in ("checkbox", "radio"):
                if "checked" in said or "required" in said:
                    self.form.fields[name] = said.get("value", "on")
            else:
                likely = (
                    self.BY_NAME.get(name) or self.LIKELY.get(kind) or ("N1" if "required" in said else "")
                )
                self.form.fields[name] = said.get("value") or likely
        elif tag == "button" and name and said.get("type", "submit") == "submit":
            self.form.fields.setdefault(name, said.get("value", ""))
        elif tag == "select" and name:
            self.select = name
        elif tag == "option" and self.select and said.get("value"):
            if "selected" in said or self.select not in self.form.fields:
                self.form.fields[self.select] = said["value"]
        elif tag == "textarea" and name:
            self.area = name
            self.form.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self.form is not None and self.area:
            self.form.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            if self.form is not None and not self.form.fields.get(self.area, "").strip():
                self.form.fields[self.area] = "because"
            self.area = ""


def ours() -> list[type[models.Model]]:
    """The business's tables; what every request of a signed-in person leaves by itself is no matter of forms."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and model.__name__ not in ("Session", "Throttle")
        and not model._meta.proxy
    ]


def extras(declared: set[str], other: Any) -> dict[str, Any]:
    """Every field of every model that the form does not have, with a value that would hurt."""
    found: dict[str, Any] = {
        "_method": "DELETE",
        "__proto__": MARK,
        "constructor": MARK,
        "user": "1",
        "next_state": "paid",
        "admin": "1",
        "access": MARK,
    }
    for model in ours():
        for each in model._meta.concrete_fields:
            value: Any = MARK
            if isinstance(each, models.ForeignKey):
                value = (
                    other.company.pk if each.related_model.__name__ == "Company" else other.people["admin"].pk
                )
            elif isinstance(each, models.BooleanField):
                value = "true"
            elif isinstance(each, models.DateField):
                value = DAY
            elif isinstance(each, models.IntegerField | models.DecimalField | models.AutoField):
                value = NUMBER
            elif each.choices:
                value = [code for code, _label in each.flatchoices][-1]
            found |= {each.name: value, each.attname: value}
    return {name: value for name, value in found.items() if name not in declared}


class _Undo(Exception):
    pass


def tried(
    client: Client, method: str, path: str, body: Any, before: dict[Any, Any]
) -> tuple[int, dict[Any, Any]]:
    """Send in a transaction that is undone: the status, and what would have been changed."""
    try:
        with transaction.atomic():
            written = writes()
            if method == "form":
                answer = client.post(path, body)
            else:
                answer = getattr(client, method)(path, body, content_type="application/json")
            touched = {table for table, count in writes().items() if count != written.get(table)}
            changed = difference(before, before | snapshot(touched))
            raise _Undo
    except _Undo:
        return answer.status_code, changed


def writes() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, as the database counts them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE schemaname = current_schema()"
        )
        return dict(cursor.fetchall())


def snapshot(tables: set[str] | None = None) -> dict[Any, dict[Any, Any]]:
    """Every row of our models, or of those that lie in `tables`."""
    return {
        model: {
            row["pk"]: row
            for row in model._base_manager.values("pk", *(f.attname for f in model._meta.concrete_fields))
        }
        for model in ours()
        if tables is None or model._meta.db_table in tables
    }


def difference(before: dict[Any, Any], after: dict[Any, Any]) -> dict[Any, Any]:
    """What changed: new rows in their order, changed rows by their number, with new rows' numbers made plain."""
    new = {
        model: {
            pk: f"new {at}"
            for at, pk in enumerate(
                sorted((pk for pk in rows if pk not in before[model]), key=lambda pk: (len(str(pk)), str(pk)))
            )
        }
        for model, rows in after.items()
    }
    found: dict[Any, Any] = {}
    for model, rows in after.items():
        targets = {
            f.attname: f.related_model
            for f in model._meta.concrete_fields
            if isinstance(f, models.ForeignKey)
        }
        own = model._meta.pk.attname
        for pk, row in rows.items():
            if before[model].get(pk) == row:
                continue
            plain = dict(row)
            for name, target in targets.items():
                plain[name] = new.get(target, {}).get(plain[name], plain[name])
            plain["pk"] = plain[own] = new[model].get(pk, pk)
            found[(model.__name__, plain["pk"])] = plain
        for pk in before[model]:
            if pk not in rows:
                found[(model.__name__, pk)] = "gone"
    return found


def outside(first: dict[Any, Any], second: dict[Any, Any], hostile: dict[Any, Any]) -> list[Any]:
    """Where the hostile request did something else than the plain one (which, sent twice, shows what differs by itself)."""
    wrong: list[Any] = [key for key in first.keys() ^ hostile.keys() if key in hostile or key in second]
    for key in first.keys() & hostile.keys():
        one, two, three = first[key], second.get(key), hostile[key]
        if "gone" in (one, two, three):
            wrong += [key] if one != three else []
            continue
        wrong += [
            (key, name, three[name]) for name in one if one[name] == two[name] and one[name] != three[name]
        ]
    said = repr(hostile)
    return wrong + [mark for mark in (MARK, str(NUMBER), "1987, 6, 5") if mark in said]


def standing_forms(cast: Cast, things: dict[str, Thing]) -> Iterator[tuple[str, Client, Sent]]:
    """Every form of every page, once for each address it is sent to and person who has it.

    A page is looked at by two who may open it, by all six in full size: another post sees mostly the same forms.
    """
    seen, looked = set(), Counter[str]()
    for who in ("admin", "clerk", "owner-GZ001", "callbacks", "supervisor", "finance"):
        client = Client(raise_request_exception=False)
        client.force_login(cast.people[who])
        for _path, name, mark in pages():
            may = not mark.permission or cast.access(who).may(mark.permission)
            if "GET" not in mark.methods or not may or (looked[name] >= 2 and not FULL):
                continue
            url = reverse(name, args=things[name].arguments if name in things else ())
            page = client.get(url)
            looked[name] += page.status_code == 200
            if (
                page.status_code != 200
                or page.streaming
                or not page.headers["Content-Type"].startswith("text/html")
            ):
                continue
            for form in Forms(page.text).forms:
                form.action = urlsplit(form.action).path or url
                key = (form.action, frozenset(form.fields))
                if (
                    key not in seen
                    and not form.has_file
                    and not any(end in form.action for end in ("sign-out", "/sessions/"))
                ):
                    seen.add(key)
                    yield f"{name} by {who}", client, form


def test_no_form_takes_more_than_it_declares(
    cast: Cast, things: dict[str, Thing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 15.3.3: every form of every page, with every field of every model beside its own."""
    moment = timezone.now()  # what is sent three times is sent at the same second: promises are decided by it
    monkeypatch.setattr(timezone, "now", lambda: moment)
    other = assemble("other", "other-", "另一家")
    before = snapshot()
    wrong, sent, worked = [], 0, set()
    forms = list(standing_forms(cast, things))
    declared: dict[str, set[str]] = {}
    for (
        _label,
        _client,
        form,
    ) in forms:  # several forms may be sent to one address, each with a part of what it takes
        declared.setdefault(form.action, set()).update(form.declared)
    for label, client, form in forms:
        plain = {name: value for name, value in form.fields.items() if name != "once"}
        more = extras(declared[form.action], other)
        status, first = tried(client, "form", form.action, plain, before)
        _again, second = tried(client, "form", form.action, plain, before)
        hurt, hostile = tried(client, "form", form.action, more | plain, before)
        sent += 1
        if first and status < 400:
            worked.add(form.action)
        found = outside(first, second, hostile)
        # Refusing what is out of reach is no harm; doing what was refused without the further keys is.
        if hurt >= 500 or found or (hurt < 400 <= status):
            wrong.append((label, form.action, status, hurt, found[:3]))
    print(
        f"{sent} forms, {len(worked)} of which changed something, {len(extras(set(), other))} further keys each"
    )
    assert wrong == []
    assert len(worked) >= 8, worked


API = "/api/v1/settlements"


def bodies(cast: Cast) -> list[tuple[str, str, str, Any]]:
    """A good body for every endpoint that takes one: who, method, path, body."""
    cast.sheet(number="S1")
    draft = cast.statement("GZ001")
    cast.sheet("NB011", number="N1")
    submitted = cast.statement("NB011", upto="submitted")
    cast.sheet("SZ021", number="Z1")
    return [
        ("clerk", "post", f"/statements/{draft.pk}/moves/submission", {"version": draft.version}),
        ("owner-NB011", "post", f"/statements/{submitted.pk}/answers", {"kind": "question", "note": "why"}),
        ("clerk", "put", "/receipts", {"outlet": "SZ021", "month": "2026-04", "paper_on": "2026-05-09"}),
        ("callbacks", "post", "/findings", [{"number": "Z1", "kind": "late_service"}]),
        ("clerk", "post", "/months/2026-04/statements", {"outlets": ["SZ021"]}),
    ]


def test_no_body_of_the_api_takes_more_than_it_declares(cast: Cast) -> None:
    """ASVS 15.3.3."""
    given = bodies(cast)
    other = assemble("other", "other-", "另一家")
    asked = {(method, path.split("/")[1]) for _who, method, path, _body in given}
    schema = api.get_openapi_schema(path_prefix="")
    taking = {
        (method, path.removeprefix("/settlements/").split("/")[0])
        for path, known in schema["paths"].items()
        for method, operation in known.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
        and path.startswith("/settlements/")
    }
    assert taking <= asked, "an endpoint with a body has no example here"
    parts = schema["components"]["schemas"].values()
    more = extras({name for part in parts for name in part.get("properties", {})}, other)
    before = snapshot()
    for who, method, path, body in given:
        client = Client(raise_request_exception=False)
        client.force_login(cast.people[who])
        with_more = [more | part for part in body] if isinstance(body, list) else more | body
        status, first = tried(client, method, API + path, body, before)
        _again, second = tried(client, method, API + path, body, before)
        hurt, hostile = tried(client, method, API + path, with_more, before)
        assert status == hurt == 200, (path, status, hurt)
        assert first, path
        assert outside(first, second, hostile) == [], path


def test_the_test_sees_a_field_that_is_taken_over(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: with a view that hands on whatever it gets, the test is red."""
    keep = operations.Model.objects.update_or_create
    client = Client()
    client.force_login(cast.people["admin"])
    before = snapshot()
    plain = {"code": "M-9", "name": "甲", "category": "吸油烟机"}
    _status, first = tried(client, "form", "/products/models/add/", plain, before)

    def careless(**given: Any) -> Any:
        model, made = keep(**given)
        model.name = MARK
        model.save()
        return model, made

    monkeypatch.setattr(operations.Model.objects, "update_or_create", careless)
    _status, hostile = tried(client, "form", "/products/models/add/", plain, before)
    assert first
    assert outside(first, first, hostile)
