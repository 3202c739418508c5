"""What customers can ask for, who does it, and that somebody is sent to see: the regulations' lists of services, one by one."""

from datetime import timedelta

import pytest
from django.urls import reverse

from sanbao.accounts.roles import ROLES
from sanbao.customers import operations as customers
from sanbao.intake import operations
from sanbao.intake.models import Category, Entry, Team
from sanbao.workorders import operations as workorders
from sanbao.workorders.states import Kind
from tests.cast import NOW, Cast
from tests.modules.workorders import crew

ASKED = {
    # DP-1: installation, repair, return or exchange, complaint
    "installation", "repair", "exchange", "complaint",
    # SR-1, SC-1: user training, guidance on use, technical support
    "training", "advice",
    # GN-1: maintenance; CS-7: delivery
    "maintenance", "delivery",
}  # fmt: skip


def test_every_kind_of_service_of_the_regulations_has_a_class_people_can_choose(cast: Cast) -> None:
    """DP-1, SR-1, SC-1, GN-1, CS-7."""
    offered = set(
        Category.objects.filter(company=cast.company, retired_at__isnull=True).values_list("kind", flat=True)
    )
    assert offered >= ASKED


@pytest.mark.parametrize(
    ("code", "kind"), [("quality", "repair"), ("delivery-damage", "delivery"), ("service", "complaint")]
)
def test_quality_delivery_and_service_problems_are_classes_of_their_own(
    cast: Cast, code: str, kind: str
) -> None:
    """CS-7: after-sales handles product quality, delivery and service problems."""
    assert Category.objects.get(company=cast.company, code=code).kind == kind
    assert cast.request(category=code).category.code == code


def test_repairs_installations_trainings_and_replacements_are_done_on_site_by_orders(cast: Cast) -> None:
    """SC-1, GN-1, EN-3: on-site service and customer training have flows of their own."""
    assert {Kind.REPAIR, Kind.INSTALLATION, Kind.TRAINING, Kind.REPLACEMENT, Kind.MAINTENANCE} <= set(Kind)


def test_customer_service_and_after_sales_are_units_each_with_its_leader(cast: Cast) -> None:
    """CS-1, EN-1: who leads a team is told first."""
    by = cast.access("admin")
    for code, name in (("hotline", "agent"), ("support", "support")):
        team = Team.objects.get(company=cast.company, code=code)
        operations.keep_member(team, cast.people[name], lead=True, by=by, at=NOW)
        assert team.members.get(lead=True).person == cast.people[name]


def test_the_hotline_answers_technical_support_solves_engineers_go_out_and_each_post_says_so(
    cast: Cast,
) -> None:
    """MO-2, EN-3: duties are written down with the post, and its rights follow from them (CO-1)."""
    assert "intake:request:register" in ROLES["hotline-agent"].permissions
    assert "intake:request:work" in ROLES["support-engineer"].permissions
    assert "workorders:own:work" in ROLES["engineer"].permissions & ROLES["field-engineer"].permissions
    assert all(
        ROLES[code].duties for code in ("hotline-agent", "support-engineer", "engineer", "field-engineer")
    )


def test_the_customer_is_called_to_confirm_the_facts_before_somebody_is_sent(cast: Cast, sign_in) -> None:
    """DP-4, RP-2: contacted, then staff are sent to see on site; both stand on the request's timeline."""
    he = crew.engineer(cast)
    request = cast.request(channel="email", email="li@example.com", outlet=cast.outlets["GZ001"])
    operations.say_called(
        request, "已核实：高速挡异响", reached=True, by=cast.access("agent"), at=NOW + timedelta(minutes=10)
    )
    made = crew.order(cast, request=request)
    crew.dispatched(cast, made, he)
    told = list(Entry.objects.filter(request=request).order_by("id").values_list("kind", flat=True))
    assert told.index("call") < len(told) - 1
    assert made.number in sign_in("agent").get(reverse("intake:request", args=[request.pk])).content.decode()


def test_what_a_customer_says_when_we_call_of_our_own_accord_is_on_record_with_the_customer(
    cast: Cast, sign_in
) -> None:
    """CO-5, RG-3: needs and opinions asked for and recorded; the archive carries an individual service plan."""
    customer = customers.register("张三丰", phone="13800005678", by=cast.access("agent"), at=NOW)
    customers.amend(customer, {"plan": "每年四月上门清洗一次"}, by=cast.access("agent"), at=NOW)
    request = cast.request(
        category="advice-use", customer=customer, subject="主动回访：使用情况", channel="phone"
    )
    operations.note(request, "希望增加儿童锁", by=cast.access("agent"), at=NOW)
    page = sign_in("agent").get(reverse("customers:customer", args=[customer.pk])).content.decode()
    assert "每年四月上门清洗一次" in page
    assert request.number in page


def test_checklists_and_time_standards_are_part_of_how_service_is_done(cast: Cast) -> None:
    """SC-5, RP-5: the check list of a kind of work must be gone through before the work counts as done."""
    workorders.found_setup(by=cast.access("admin"), at=NOW)
    made = crew.dispatched(cast, crew.order(cast, kind="maintenance"), crew.engineer(cast))
    by = crew.own(cast)
    made = workorders.arrive(made, by=by, at=NOW + timedelta(hours=2))
    from sanbao.workorders import queries

    assert [str(line) for line in queries.checklist(made)] == ["清洗后运行正常"]
