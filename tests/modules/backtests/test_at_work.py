"""Back-tests are cut into pieces: stopped, killed and begun twice, they come to the same. And a replay alarms."""

from typing import Any

import pytest
from django.db import connection

from sanbao.audit.models import Event
from sanbao.backtests import operations, processes, reading, running, tasks
from sanbao.backtests.models import BackTest, Difference, Piece
from sanbao.decisions.models import Decision
from sanbao.edge import heard
from sanbao.notices.models import Notice
from sanbao.regulations import publication
from sanbao.regulations.models import Draft, Edition
from sanbao.ui.refusal import Refusal
from sanbao_rules import settlement
from tests.cast import NOW, Cast
from tests.modules.backtests.tried import MARCH, ladder, march_of_three, tried
from tests.modules.regulations.make import begun, keeper, late_rate, moved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_piece_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three decisions are three pieces, in this process."""
    monkeypatch.setattr(reading, "WEIGHT", 1)
    monkeypatch.setattr(processes, "cores", lambda: 1)


def told(test: BackTest) -> tuple[Any, ...]:
    """What a back-test came to, without its own numbers."""
    rows = Difference.objects.filter(backtest=test).order_by("decision_id")
    return (
        test.state, test.records, test.differing, test.money, test.totals, test.steps,
        list(rows.values_list("decision_id", "kind", "money", "answer")),
    )  # fmt: skip


def ended_after(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is ended after so many pieces."""
    write, done = running._write, [0]

    def once(*args: Any) -> bool:
        if done[0] == pieces:
            raise KeyboardInterrupt
        done[0] += 1
        return write(*args)

    monkeypatch.setattr(running, "_write", once)


def test_a_worker_that_is_ended_is_followed_by_one_that_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    march_of_three(cast)
    edition = ladder(cast)
    whole = told(tried(cast, edition))
    test = tried(cast, edition, run=False, afresh=True)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        ended_after(2, patched)
        running.run(test, by=cast.access("head"), at=lambda: NOW)
    test.refresh_from_db()
    assert (test.state, test.records, Piece.objects.filter(backtest=test, done_at=None).count()) == (
        "running",
        2,
        1,
    )
    read: list[int] = []
    of_portion = reading.of_portion

    def noting(asked: Any, first: int, last: int) -> Any:
        read.append(first)
        return of_portion(asked, first, last)

    monkeypatch.setattr(reading, "of_portion", noting)
    assert operations.waiting_for_nobody() == [test]
    assert told(running.run(test, by=cast.access("head"), at=lambda: NOW)) == whole
    assert len(read) == 1  # what was done is not done again


def test_what_always_fails_ends_after_three_tries(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    march_of_three(cast)
    test = tried(cast, ladder(cast), run=False)
    with monkeypatch.context() as patched:
        ended_after(0, patched)
        for _try in range(running.MOST_ATTEMPTS):
            with pytest.raises(KeyboardInterrupt):
                running.run(test, by=cast.access("head"), at=lambda: NOW)
    assert running.run(test, by=cast.access("head"), at=lambda: NOW).state == "failed"
    operations.go_on(test, by=cast.access("head"), at=NOW)
    assert running.run(test, by=cast.access("head"), at=lambda: NOW).state == "done"


def test_stopped_it_ends_with_the_piece_at_hand_and_goes_on_later(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    march_of_three(cast)
    edition, head = ladder(cast), cast.access("head")
    whole = told(tried(cast, edition))
    test = tried(cast, edition, run=False, afresh=True)
    write = running._write

    def then_stopped(*args: Any) -> bool:
        written = write(*args)
        if args[1].number == 1:
            operations.stop(test, by=head, at=NOW)
        return written

    with monkeypatch.context() as patched:
        patched.setattr(running, "_write", then_stopped)
        stopped = running.run(test, by=head, at=lambda: NOW)
    assert (stopped.state, stopped.records) == ("stopped", 1)
    with pytest.raises(Refusal):
        operations.stop(test, by=head, at=NOW)
    operations.go_on(test, by=head, at=NOW)
    assert told(running.run(test, by=head, at=lambda: NOW)) == whole
    with pytest.raises(Refusal):
        operations.go_on(test, by=head, at=NOW)


def test_a_second_worker_leaves_it_alone_and_a_piece_is_written_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    march_of_three(cast)
    test, head = tried(cast, ladder(cast), run=False), cast.access("head")
    with running._at_work(test) as alone:
        assert alone
        assert running.run(test, by=head, at=lambda: NOW).state == "waiting"
        with pytest.raises(Refusal):
            operations.go_on(test, by=head, at=NOW)
    write = running._write
    monkeypatch.setattr(running, "_write", lambda *args: write(*args) and write(*args))  # brought twice
    assert running.run(test, by=head, at=lambda: NOW).money == 24_00


def test_on_several_cores_it_comes_to_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes know no database: what they are given is enough."""
    march_of_three(cast)
    edition = ladder(cast)
    whole = told(tried(cast, edition))
    monkeypatch.setattr(processes, "cores", lambda: 2)
    assert told(tried(cast, edition, afresh=True)) == whole


def test_the_same_is_not_begun_twice_nor_done_again_for_nothing(cast: Cast) -> None:
    march_of_three(cast)
    edition = ladder(cast)
    first = tried(cast, edition, run=False)
    assert tried(cast, edition, run=False).pk == first.pk  # at work
    running.run(first, by=cast.access("head"), at=lambda: NOW)
    BackTest.objects.filter(pk=first.pk).update(started_at="2030-01-01T00:00Z")  # the cast decides "today"
    assert tried(cast, edition, run=False).pk == first.pk  # done, and nothing decided since
    assert tried(cast, edition, run=False, kinds=["settlements"]).pk != first.pk
    BackTest.objects.filter(pk=first.pk).update(started_at=NOW)
    assert tried(cast, edition, run=False).pk != first.pk  # something was decided since


def test_the_worker_works_with_its_askers_rights(cast: Cast) -> None:
    march_of_three(cast)
    test = tried(cast, ladder(cast), run=False)
    assert tasks.run(test.pk, cast.people["clerk"].pk, cast.company.pk) == "no right any more"
    test.refresh_from_db()
    assert test.state == "waiting"
    assert tasks.run(test.pk, cast.people["head"].pk, cast.company.pk) == "done"
    assert Notice.objects.filter(kind="backtests:done", person=cast.people["head"]).exists()


# A draft's report


def of_draft(cast: Cast, draft: Draft) -> BackTest:
    head = cast.access("head")
    test = operations.begin(operations.Candidate.of_draft(draft), MARCH, MARCH, by=head, at=NOW)
    return running.run(test, by=head, at=lambda: NOW)


def test_a_drafts_report_is_of_exactly_what_it_says(cast: Cast) -> None:
    """Changed after its back-test, a draft has no report: of another content it proves nothing."""
    march_of_three(cast)
    draft = late_rate(cast, begun(cast), "0.95")
    assert publication.report_of(draft) is None
    assert of_draft(cast, draft).money == 8_00
    report = publication.report_of(draft)
    assert report is not None
    assert "8.00" in report.summary
    late_rate(cast, draft, "0.80")
    draft.refresh_from_db()
    assert publication.report_of(draft) is None


def test_a_draft_of_a_company_that_has_decided_nothing_has_an_empty_report(cast: Cast) -> None:
    draft = late_rate(cast, begun(cast), "0.95")
    test = of_draft(cast, draft)
    assert (test.state, test.records) == ("done", 0)
    assert publication.report_of(draft) is not None


def test_without_its_report_a_draft_is_not_published(cast: Cast, settings) -> None:
    """SR-9: whoever publishes has seen what it would have cost."""
    settings.BACK_TEST_REQUIRED = True
    march_of_three(cast)
    draft = moved(cast, late_rate(cast, begun(cast), "0.95"), "submission", "approval")
    with pytest.raises(Refusal) as refused:
        moved(cast, draft, "publication")
    assert refused.value.code == "report"
    of_draft(cast, draft)
    assert "8.00" in moved(cast, draft, "publication").report["summary"]


# The nightly replay


def test_an_honest_night_tells_nobody(cast: Cast) -> None:
    march_of_three(cast)
    assert tasks.replay_samples() == 0
    assert heard.last(heard.REPLAY).well
    assert not BackTest.objects.exists()
    assert operations.replay_sample(cast.company.pk, at=NOW)[0] == Decision.objects.count()


def test_rules_that_answer_otherwise_are_found_by_night_and_those_who_keep_them_are_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the night before: the same decisions, one function of the rules changed."""
    march_of_three(cast)
    keeper(cast)
    monkeypatch.setattr(settlement, "percent_of", lambda gross, share: gross)
    assert tasks.replay_samples() == 2  # in time, nothing is reduced
    test = BackTest.objects.get(what="sample")
    assert (test.differing, test.undecided) == (2, 0)
    assert set(test.differences.values_list("kind", flat=True)) == {"answer"}
    assert not heard.last(heard.REPLAY).well
    assert Event.objects.filter(action="backtests:backtest:alarmed").exists()
    told_to = set(Notice.objects.filter(kind="backtests:alarm").values_list("person__username", flat=True))
    assert {"maker-keeper", "admin", "head", "supervisor"} <= told_to


def test_an_edition_changed_behind_the_program_is_found_by_night(cast: Cast) -> None:
    march_of_three(cast)
    used = Decision.objects.filter(question="settlement.month").first().editions["settlement"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE regulations_edition DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE regulations_edition SET content = replace(content::text, '0.9', '0.8')::jsonb WHERE id = %s",
            [used],
        )
        cursor.execute("ALTER TABLE regulations_edition ENABLE TRIGGER USER")
    assert Edition.objects.get(pk=used).content
    assert tasks.replay_samples() > 0
    test = BackTest.objects.get(what="sample")
    assert test.broken == [used]
    assert test.undecided == 3  # nothing is decided by an edition that can't be trusted


def test_a_replayed_month_that_differs_alarms_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    march_of_three(cast)
    monkeypatch.setattr(settlement, "percent_of", lambda gross, share: gross)
    assert tried(cast, None).differing == 2
    assert Event.objects.filter(action="backtests:backtest:alarmed").exists()
