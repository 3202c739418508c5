"""The ledger's refusals and rare ways, each once: nothing unbalanced, nothing twice, nothing empty (KA-11.1)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from sanbao.accounts import row_security, scope
from sanbao.accounts.access import Access, Grant, Reach
from sanbao.accounts.roles import all_permissions
from sanbao.audit import moves
from sanbao.ledger import operations as ledger
from sanbao.ledger.models import Account, Entry
from sanbao.ledger.operations import Place
from sanbao.ledger.queries import broken_invariants
from sanbao.settlements import operations as settlements
from sanbao.settlements.states import MOVES
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast


def post(cast: Cast, amounts: dict[Place, int], key: str = "k") -> Entry | None:
    return ledger.post("test", amounts, source=cast.company, key=key, by=cast.access("finance"), at=NOW)


def test_an_entry_that_does_not_sum_to_zero_is_a_fault_of_ours(cast: Cast) -> None:
    with pytest.raises(ValueError, match="do not sum to zero"):
        post(cast, {Place("bank"): 1, Place("fund"): -2})


def test_an_entry_of_nothing_is_not_written(cast: Cast) -> None:
    assert post(cast, {Place("bank"): 0, Place("fund"): 0}) is None
    assert not Entry.objects.exists()


def test_the_same_key_gives_the_entry_it_wrote(cast: Cast) -> None:
    first = post(cast, {Place("bank"): 5, Place("fund"): -5})

    assert post(cast, {Place("bank"): 5, Place("fund"): -5}) == first
    assert str(Account.objects.get(code="bank")) == "bank"
    assert first is not None
    assert str(first)


def test_an_entry_is_reversed_once(cast: Cast) -> None:
    entry = post(cast, {Place("bank"): 5, Place("fund"): -5})
    assert entry is not None
    ledger.reverse(entry, key="undo", by=cast.access("finance"), at=NOW)

    with pytest.raises(Refusal) as refused:
        ledger.reverse(entry, key="undo again", by=cast.access("finance"), at=NOW)
    assert refused.value.code == "reversed"


def test_what_is_broken_is_told_with_its_rows(cast: Cast) -> None:
    post(cast, {Place("bank"): 5, Place("fund"): -5})
    Account.objects.filter(code="bank").update(balance=7)

    assert set(broken_invariants()) == {"every balance is the sum of its postings"}


def test_whoever_is_late_is_told_so_also_where_nobody_left_an_event(cast: Cast) -> None:
    """ASVS 2.3.3. A thing that was brought over from elsewhere has no events."""
    from sanbao.audit.models import Event

    cast.sheet()
    cast.received()
    statement = cast.statement()
    statement.pk, statement.version = 987_654, 9
    assert not Event.objects.filter(thing_id=statement.pk).exists()

    with pytest.raises(Stale, match="刚被他人处理"):
        moves.refuse_unless_legal(MOVES["submission"], statement, 1, cast.access("clerk"), "")


def test_the_webs_role_gets_its_rights_a_second_time_without_harm(cast: Cast) -> None:
    row_security.let_role_in()
    scope.forget()

    assert scope.row_security()


def test_behind_pgbouncer_a_scope_lives_with_its_transaction(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)

    with scope.opened(cast.access("clerk")):
        assert connection.in_atomic_block
        assert scope.limits_now()["role"] == "sanbao_web"
    assert scope.limits_now()["role"] != "sanbao_web"


@pytest.mark.django_db(transaction=True)
def test_a_session_that_broke_in_a_scope_is_not_used_again() -> None:
    """The connection dies inside the scope: the next one is a new session without anybody's limits."""
    from django.db import InterfaceError, OperationalError, connection

    from tests.cast import assemble

    cast = assemble()

    def dies() -> None:
        with scope.opened(cast.access("clerk")), connection.cursor() as cursor:
            connection.connection.close()
            cursor.execute("SELECT 1")

    with pytest.raises((OperationalError, InterfaceError)):
        dies()
    assert scope.limits_now()["role"] != "sanbao_web"


def test_a_refused_row_in_a_nested_scope_is_told_and_not_hidden(cast: Cast) -> None:
    """The owner's way inside a write: a constraint's refusal comes out as itself, and the scope is as it was."""
    from django.db import IntegrityError, transaction

    region = cast.regions["华东"]

    def twice() -> None:
        with transaction.atomic(), scope.as_owner("a test"):
            type(region).objects.bulk_create([type(region)(company=cast.company, name=region.name)])

    with scope.opened(cast.access("admin")):
        with pytest.raises(IntegrityError):
            twice()
        assert scope.limits_now()["role"] == "sanbao_web"


def test_a_permission_is_asked_for_and_refused_by_name() -> None:
    """ASVS 8.2.1. Also whoever works in no company has no permission at all, and no rows."""
    nobody = Access(1, None, (Grant("administrator"),))

    assert nobody.reach("ledger:account:view") == Reach(None)
    assert "ledger:account:view" in all_permissions()
    with pytest.raises(PermissionDenied, match="ledger:account:view"):
        nobody.require("ledger:account:view")


def test_without_the_permission_there_are_no_accounts(cast: Cast) -> None:
    post(cast, {Place("bank"): 5, Place("fund"): -5})

    assert Account.objects.visible_to(cast.access("finance"), "ledger:account:view").exists()
    assert not Account.objects.visible_to(cast.access("clerk"), "ledger:account:view").exists()


def test_what_is_sent_back_loses_its_signatures_and_keeps_the_reason(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")
    checker = cast.access("supervisor")

    with pytest.raises(Refusal) as refused:
        settlements.move(statement, "return", version=None, by=checker, at=NOW)
    assert refused.value.code == "reason"
    assert statement.submitted_by_id

    back = settlements.move(statement, "return", version=None, by=checker, at=NOW, reason=" 少一张单 ")
    assert (back.state, back.submitted_at, back.submitted_by_id) == ("draft", None, None)
    assert back.reason == "少一张单"
    with pytest.raises(Stale):
        settlements.move(back, "check", version=None, by=checker, at=NOW)


def test_the_accounts_and_the_postings_of_one_are_exported(cast: Cast, sign_in: Any) -> None:
    post(cast, {Place("bank"): 5, Place("fund"): -5})
    browser = sign_in("finance")

    account = Account.objects.get(code="bank")
    for address in (reverse("ledger:accounts"), reverse("ledger:account", args=[account.pk])):
        assert browser.get(address).status_code == 200
        answer = browser.get(address, {"export": "xlsx"})
        assert answer.status_code == 200
        assert "spreadsheetml" in answer["Content-Type"]
