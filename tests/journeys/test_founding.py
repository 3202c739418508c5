"""An installation without a demonstration: a company is founded from the command line, and its first day works (docs/operations/install.md)."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from sanbao.accounts.models import Company, Person
from sanbao.decisions.models import Decision
from sanbao.intake import operations as desk
from sanbao.intake.models import Category
from sanbao.outlets import operations as outlets
from sanbao.outlets.queries import access_of
from sanbao.regulations import operations as regulations
from sanbao.regulations.models import Edition
from sanbao_rules.rulebook import shipped_names
from tests.access.doors import pages
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def founded(time_machine) -> Company:
    time_machine.move_to(NOW, tick=False)
    call_command("found", "jiaxin", "佳信电器有限公司", "wangfang", person="王芳", stdout=StringIO())
    return Company.objects.get()


def engaged(company: Company, role: str) -> Person:
    """Somebody the administrator has given a post."""
    by = access_of(Person.objects.get(username="wangfang"), NOW.date())
    person = Person.objects.create_person(role, role)
    outlets.appoint(person, role, by=by, at=NOW)
    return person


def test_a_founded_company_decides_by_the_rulebooks_that_came_with_the_program(founded: Company) -> None:
    """GN-3: the first call is registered, with its priority and its promises."""
    assert Edition.objects.count() == len(shipped_names())
    agent = engaged(founded, "hotline-agent")
    request = desk.register(
        desk.Ask(
            channel="phone",
            category=Category.objects.get(code="repair-noise"),
            subject="油烟机异响",
            severity="part",
            contact="张三",
            phone="13800005678",
            address="中山路1号",
        ),
        by=access_of(agent, NOW.date()),
        at=NOW,
    )
    client = Client()
    client.force_login(agent)
    assert client.get(reverse("intake:request", args=[request.pk])).status_code == 200
    assert {"service.priority", "service.promise"} <= set(Decision.objects.values_list("question", flat=True))


@pytest.mark.parametrize("role", ["head", "hotline-agent", "regulation-keeper", "settlement-clerk"])
def test_on_the_first_day_every_page_opens_though_there_is_nothing_yet(founded: Company, role: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(engaged(founded, role))
    answers = {
        name: client.get(reverse(name)).status_code
        for path, name, mark in pages()
        if "GET" in mark.methods and "<" not in path
    }
    assert {name: status for name, status in answers.items() if status >= 500} == {}
    assert sum(status == 200 for status in answers.values()) > 20


def test_a_book_that_a_release_brings_is_pinned_and_what_was_pinned_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """GN-9: an upgrade changes nothing that was pinned before."""
    with monkeypatch.context() as earlier:
        earlier.setattr(regulations, "shipped_names", lambda: shipped_names()[:-1])
        regulations.pin_shipped()
    before = set(Edition.objects.values_list("pk", "book", "digest"))
    assert len(before) == len(shipped_names()) - 1
    for _ in range(2):
        regulations.pin_shipped()
        after = set(Edition.objects.values_list("pk", "book", "digest"))
        assert after > before
        assert [book for _pk, book, _digest in after - before] == [shipped_names()[-1]]
