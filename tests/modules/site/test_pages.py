"""Home, health, clauses."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from sanbao.site.clauses import document, groups, ids

pytestmark = pytest.mark.django_db


def test_health_answers_without_signing_in():
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_home_says_what_waits(cast, sign_in):
    cast.sheet()
    cast.received()
    cast.statement(upto="submitted")
    panels = sign_in("supervisor").get("/").context["panels"]
    assert any("state=submitted" in panel.url and panel.count == 1 for panel in panels)


def test_a_person_without_a_post_is_told_whom_to_ask(cast, client):
    client.force_login(cast.people["clerk"].__class__.objects.create_person("newcomer", "newcomer"))
    page = client.get("/")
    assert page.status_code == 200
    assert "您还没有岗位" in page.content.decode()


def test_the_index_of_clauses_is_whole_and_leads_to_the_parameters(sign_in):
    assert len(ids()) == len(set(ids())) == 166
    assert all(re.fullmatch(r"[A-Z]{2}-\d+(\.\d+)?", clause) for clause in ids())
    page = sign_in("clerk").get(reverse("clauses")).content.decode()
    assert "/rules/settlement/#" in page
    assert {group["title"].split()[0] for group in groups("en")} >= {"KA", "GN", "RG"}


def test_the_page_of_the_documentation_names_every_clause():
    written = (Path(settings.ROOT) / "docs" / "clauses.md").read_text(encoding="utf-8")
    for text in (written, document()):
        assert [clause for clause in ids() if f"| {clause} |" not in text] == []


def test_the_clauses_command_says_where_a_clause_acts():
    out = StringIO()
    call_command("clauses", "KA-11.1", "--json", stdout=out)
    found = json.loads(out.getvalue())["KA-11.1"]
    assert any(place.startswith("settlement.") for place in found["rulebooks"])
    assert found["code"]
    assert found["tests"]
