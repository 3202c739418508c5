"""Task forces: members, goal, term and result (EN-2)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from sanbao.audit.models import Event
from sanbao.intake import operations
from sanbao.intake.models import Force
from sanbao.notices.models import Notice
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast

TODAY = NOW.date()
MONTH = timedelta(days=30)


def founded(cast: Cast, **told: object) -> Force:
    given: dict[str, object] = {
        "name": "漏水专项组", "goal": "查清DSF60内胆漏水原因", "leader": cast.people["head"], "members": [cast.people["support"]],
        "first_day": TODAY, "last_day": TODAY + MONTH,
    }  # fmt: skip
    return operations.keep_force(None, **given | told, by=cast.access("supervisor"), at=NOW)


def told(cast: Cast, who: str, kind: str = "intake:force") -> int:
    return Notice.objects.filter(kind=kind, person=cast.people[who]).count()


def test_a_task_force_has_members_a_goal_and_a_term_and_its_people_are_told(cast: Cast) -> None:
    """clause EN-2: 可以根据工作需要设立临时工作组,协助解决特殊问题."""
    force = founded(cast)
    assert (force.leader, list(force.members.all()), force.last_day) == (
        cast.people["head"], [cast.people["support"]], TODAY + MONTH,
    )  # fmt: skip
    assert (told(cast, "head"), told(cast, "support"), told(cast, "agent")) == (1, 1, 0)
    assert Event.objects.filter(action="intake:force:founded", thing_id=force.pk).exists()


def test_only_who_is_new_is_told_when_it_changes(cast: Cast) -> None:
    force = founded(cast)
    operations.keep_force(
        force, name=force.name, goal=force.goal, leader=force.leader, members=[cast.people["support"], cast.people["agent"]],
        first_day=TODAY, last_day=TODAY + MONTH, by=cast.access("supervisor"), at=NOW,
    )  # fmt: skip
    assert (told(cast, "head"), told(cast, "support"), told(cast, "agent")) == (1, 1, 1)


@pytest.mark.parametrize(("days", "code"), [(-1, "term"), (366, "long")])
def test_a_term_that_is_none_is_refused(cast: Cast, days: int, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        founded(cast, last_day=TODAY + timedelta(days=days))
    assert (refused.value.field, refused.value.code) == ("last_day", code)
    assert not Force.objects.exists()


def test_it_ends_with_a_result_and_not_without(cast: Cast) -> None:
    """clause EN-2: the result is on record."""
    force, by = founded(cast), cast.access("supervisor")
    with pytest.raises(Refusal):
        operations.end_force(force, "  ", by=by, at=NOW)
    ended = operations.end_force(force, "内胆焊缝缺陷，已通知质量部", by=by, at=NOW)
    assert (ended.result, ended.ended_by) == ("内胆焊缝缺陷，已通知质量部", cast.people["supervisor"])
    assert told(cast, "support", "intake:force-ended") == 1
    for after in (
        lambda: operations.report(force, "x", by=by, at=NOW),
        lambda: operations.link(force, cast.request(), by=by, at=NOW),
        lambda: operations.end_force(force, "x", by=by, at=NOW),
    ):
        with pytest.raises(Refusal, match="已结束"):
            after()


def test_a_report_sent_again_stands_there_once(cast: Cast) -> None:
    """Whoever goes back and sends the form again has written one report; after somebody else's words the same are said anew."""
    force, by = founded(cast), cast.access("support")
    first = operations.report(force, "已拆检三台", by=by, at=NOW)
    assert operations.report(force, " 已拆检三台 ", by=by, at=NOW) == first
    operations.report(force, "批次已核对", by=cast.access("supervisor"), at=NOW)
    assert operations.report(force, "已拆检三台", by=by, at=NOW) != first
    assert Event.objects.filter(action="intake:force:reported").count() == 3


def test_requests_and_reports_go_with_it(cast: Cast, sign_in) -> None:
    force, by, row = founded(cast), cast.access("support"), cast.request(subject="内胆漏水")
    operations.link(force, row, by=by, at=NOW)
    operations.report(force, "已拆检三台", by=by, at=NOW)
    with pytest.raises(Refusal):
        operations.link(force, row, by=by, at=NOW)
    page = sign_in("support").get(f"/intake/forces/{force.pk}/").content.decode()
    assert all(words in page for words in ("漏水专项组", "已拆检三台", "内胆漏水", row.number))
    assert "漏水专项组" in sign_in("support").get(f"/intake/requests/{row.pk}/").content.decode()
    operations.unlink(force, row, by=by, at=NOW)
    assert "漏水专项组" not in sign_in("support").get(f"/intake/requests/{row.pk}/").content.decode()


def test_its_leader_is_told_once_when_the_term_is_over(cast: Cast) -> None:
    force = founded(cast, last_day=TODAY)
    assert operations.tell_overdue(NOW) == 0, "the last day is still its own"
    assert operations.tell_overdue(NOW + timedelta(days=1)) == 1
    assert operations.tell_overdue(NOW + timedelta(days=2)) == 0
    assert told(cast, "head", "intake:force-due") == 1
    operations.keep_force(
        force, name=force.name, goal=force.goal, leader=force.leader, members=[], first_day=TODAY, last_day=TODAY + timedelta(days=5),
        by=cast.access("supervisor"), at=NOW,
    )  # fmt: skip
    assert operations.tell_overdue(NOW + timedelta(days=6)) == 1, "a later last day is a new term"


def test_whoever_has_no_such_post_neither_sets_one_up_nor_sees_one(cast: Cast, sign_in) -> None:
    """ASVS 8.2.1, 8.2.2."""
    force = founded(cast)
    with pytest.raises(PermissionDenied):
        operations.keep_force(
            None, name="x", goal="y", leader=cast.people["head"], members=[], first_day=TODAY, last_day=TODAY, by=cast.access("agent"), at=NOW
        )  # fmt: skip
    assert sign_in("owner-GZ001").get(f"/intake/forces/{force.pk}/").status_code == 403


def test_the_page_sets_one_up_and_tells_what_is_missing(cast: Cast, sign_in) -> None:
    client = sign_in("supervisor")
    bad = client.post(
        "/intake/forces/new/",
        {
            "name": "x",
            "goal": "y",
            "first_day": "2026-05-20",
            "last_day": "2026-05-19",
            "leader": cast.people["head"].pk,
        },
    )
    assert bad.status_code == 422 and "结束日期早于开始日期" in bad.content.decode()
    good = {
        "name": "专项组",
        "goal": "目标",
        "first_day": "2026年5月20日",
        "last_day": "2026-06-20",
        "leader": cast.people["head"].pk,
        "members": [cast.people["agent"].pk],
    }
    assert client.post(
        "/intake/forces/new/", good
    ).status_code == 302 or Force.objects.get().last_day == date(2026, 6, 20)
    force = Force.objects.get()
    assert client.post(f"/intake/forces/{force.pk}/requests/", {"number": "S1"}).status_code == 422
    assert client.post(f"/intake/forces/{force.pk}/end/", {"result": ""}).status_code == 422
    assert client.post(f"/intake/forces/{force.pk}/end/", {"result": "完成"}).status_code == 303
    assert "完成" in client.get("/intake/forces/").content.decode()


def test_a_notice_about_a_request_leads_to_it(cast: Cast, sign_in) -> None:
    row = cast.request()
    operations.assign(row, person=cast.people["support"], version=None, by=cast.access("agent"), at=NOW)
    notice = Notice.objects.get(kind="intake:given", person=cast.people["support"])
    answer = sign_in("support").post(f"/notices/{notice.pk}/opening/")
    assert answer.url == f"/intake/requests/{row.pk}/"
