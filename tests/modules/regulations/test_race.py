"""Two publishers at once: the second is told that the base is outdated; without the lock one of them would overwrite the other's change."""

import threading
from decimal import Decimal

import pytest
from django.db import connection

from sanbao.accounts import scope
from sanbao.regulations import drafting, publication
from sanbao.regulations.models import Draft
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast, assemble
from tests.modules.regulations.make import JUNE, begun, keeper, late_rate, moved

pytestmark = pytest.mark.django_db(transaction=True)


def _two_approved(cast: Cast) -> list[Draft]:
    first, second = late_rate(cast, begun(cast)), begun(cast, edition="2026.10")
    drafting.change(second, "void_sheet", "add", JUNE, 15, "appliance KA-11.2", by=keeper(cast), at=NOW)
    return [moved(cast, draft, "submission", "approval") for draft in (first, second)]


def _publish_at_once(cast: Cast, drafts: list[Draft]) -> list[str]:
    """Both are published by the head in threads of their own; what each was answered."""
    answers: list[str] = []
    start, head = threading.Barrier(2), cast.access("head")

    def run(draft: Draft) -> None:
        with scope.everything("two publishers"):
            start.wait()
            try:
                publication.move(draft, "publication", version=None, by=head, at=NOW)
                answers.append("published")
            except Refusal as refusal:
                answers.append(refusal.code)
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(answers)


def _said(cast: Cast) -> tuple[Decimal, int]:
    book = rulebook(edition_in_force(cast.company.pk, "settlement"))
    return book.value("rate_late", JUNE).value, book.value("void_sheet", JUNE).value


def test_of_two_publishers_at_once_one_publishes_and_the_other_is_told_to_merge(db: None) -> None:
    """SR-9: nobody's change is lost unseen."""
    cast = assemble()
    assert _publish_at_once(cast, _two_approved(cast)) == ["outdated", "published"]


def test_control_without_the_lock_both_publish_and_one_change_is_lost(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = assemble()
    drafts = _two_approved(cast)
    meet = threading.Barrier(2, timeout=20)
    monkeypatch.setattr(publication, "_hold_company", lambda by: None)
    looked = publication.refuse_outdated

    def look_together(draft: Draft) -> None:
        looked(draft)
        meet.wait()

    monkeypatch.setattr(publication, "refuse_outdated", look_together)
    assert _publish_at_once(cast, drafts) == ["published", "published"]
    assert _said(cast) != (Decimal("0.8"), 15)
