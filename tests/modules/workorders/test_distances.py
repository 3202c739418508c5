"""Where addresses and outlets lie: typed, or taken at the door with consent; how far and how long the ways are; unknown where nobody knows (EN-5)."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from sanbao.audit.models import Change
from sanbao.audit.personal import Subject, erasing
from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.customers.personal import Source as CustomersSource
from sanbao.outlets import operations as outlets
from sanbao.workorders import operations, suggesting
from sanbao.workorders.models import Engineer, Order
from sanbao.workorders.personal import Source
from sanbao.workorders.views.phone import map_link
from tests.cast import NOW, Cast
from tests.modules.workorders import crew

OUTLET, NEAR, FAR = (
    "23.135,113.361",
    "23.103,113.317",
    "23.390,113.300",
)  # 5.7 km apart, 29.1 km, and 32.0 km between the jobs
DAY = NOW.date()


def located(cast: Cast) -> Customer:
    """张三丰 at 中山路1号, whose place is known, as is the outlet's."""
    outlet = cast.outlets["GZ001"]
    outlets.change_outlet(
        outlet, outlet.region, outlet.name, coordinates=OUTLET, by=cast.access("admin"), at=NOW
    )
    outlet.refresh_from_db()
    customer = customers.register(
        "张三丰", phone="13800005678", address="中山路1号", by=cast.access("agent"), at=NOW
    )
    customers.locate_address(customer.addresses.get(), NEAR, by=cast.access("agent"), at=NOW)
    return customer


def suggested(cast: Cast, order: Order, he: Engineer) -> suggesting.Suggestion:
    team = suggesting.gather(cast.company.pk, [he], DAY, DAY)
    with translation.override("zh-hans"):
        return suggesting.suggest(order, team, DAY, "吸油烟机", set(), at=NOW)[0]


def test_an_order_knows_where_its_customers_address_lies(cast: Cast) -> None:
    customer = located(cast)
    made = crew.order(cast, customer=customer)
    assert made.coordinates == NEAR
    assert crew.order(cast, customer=customer, address="别处9号").coordinates == ""
    moved = operations.amend(made, {"address": "别处9号"}, by=cast.access("agent"), at=NOW)
    assert moved.coordinates == ""  # another house lies elsewhere
    typed = operations.amend(
        moved, {"address": "别处9号", "coordinates": FAR}, by=cast.access("agent"), at=NOW
    )
    assert typed.coordinates == FAR


def test_a_suggestion_says_how_far_it_is_from_the_outlet_and_nothing_where_it_is_not_known(
    cast: Cast,
) -> None:
    """Worked: 5.7 km are within the second of four bands, three quarters of the thirty points."""
    made, he = crew.order(cast, customer=located(cast)), crew.engineer(cast)
    assert "距网点直线约5.7公里：23分" in [text for text, _clause in suggested(cast, made, he).sentences]
    unknown = crew.order(cast, address="别处9号")
    assert "距离不详：15分" in [text for text, _clause in suggested(cast, unknown, he).sentences]


def test_the_next_job_is_reckoned_from_the_one_before_with_time_for_the_way(cast: Cast) -> None:
    """32.0 km at 20 km an hour are 96 minutes: the job after the one until 16:00 can't begin at 16:00, and 17:36 is over the day's end."""
    he, customer = crew.engineer(cast), located(cast)
    first = timezone.localtime(NOW).replace(hour=9, minute=0)
    before = crew.order(cast, customer=customer)
    operations.dispatch(
        before, he, first, first + timedelta(hours=1), by=cast.access("agent"), at=NOW - timedelta(days=1)
    )
    after = crew.order(cast, address="花都1号", coordinates=FAR)
    team = suggesting.gather(cast.company.pk, [he], first.date(), first.date())
    slot, _note = suggesting.free_time(after, team, he, first.date(), 60, at=first)
    assert slot is not None
    assert timezone.localtime(slot[0]) == first + timedelta(
        hours=2, minutes=45
    )  # 10:00 and 96 minutes, at the next quarter
    facts = team.facts(he, after, slot[0], "", set())
    assert (facts.distance_km, facts.from_job) == (Decimal("32.0"), True)
    nowhere = crew.order(cast, address="别处9号")
    slot, _note = suggesting.free_time(nowhere, team, he, first.date(), 60, at=first)
    assert timezone.localtime(slot[0]) == first + timedelta(hours=1)
    assert team.facts(he, nowhere, slot[0], "", set()).distance_km is None


def test_the_board_shows_the_way_between_two_jobs_and_says_where_the_time_is_too_short(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    he, customer = crew.engineer(cast), located(cast)
    first = (timezone.localtime() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    for number, told in enumerate(
        ({"customer": customer}, {"address": "花都1号", "coordinates": FAR}, {"address": "别处9号"})
    ):
        begins = first + timedelta(hours=1.5 * number)
        made = crew.order(cast, at=timezone.now(), **told)
        operations.dispatch(
            made, he, begins, begins + timedelta(hours=1), by=cast.access("agent"), at=timezone.now()
        )
    address = f"{reverse('workorders:board')}?day={first:%Y-%m-%d}"
    client = sign_in("agent")
    listed = client.get(f"{address}&view=list").content.decode()
    assert "直线约5.7公里，按每小时20公里估算约18分钟" in listed
    assert "直线约32公里，按每小时20公里估算约96分钟" in listed and "只有30分钟" in listed
    assert listed.count("距离不详") == 1
    grid = client.get(address).content.decode()
    assert grid.count("board-tight") == 1 and "32.0 公里" in grid


def test_what_the_phone_took_with_consent_is_kept_with_order_and_address_and_forgotten_when_asked(
    cast: Cast,
) -> None:
    """PIPL 6, 28, 47: to some hundred metres, only where it was agreed to; erased with the customer's data."""
    customer = customers.register(
        "张三丰", phone="13800005678", address="中山路1号", by=cast.access("agent"), at=NOW
    )
    made = crew.dispatched(cast, crew.order(cast, customer=customer), crew.engineer(cast))
    there = operations.arrive(made, place=(Decimal("23.10312"), Decimal("113.31742")), by=crew.own(cast), at=NOW + timedelta(hours=2))  # fmt: skip
    assert there.coordinates == customer.addresses.get().coordinates == "23.103,113.317"
    subject = Subject(cast.company.pk, phone="13800005678")
    assert Source().copy(subject)["orders"][0]["coordinates"] == "23.103,113.317"
    with erasing():
        for source in (Source(), CustomersSource()):
            source.erase(subject, by=cast.access("head"), at=NOW + timedelta(days=1), reason="用户要求")
    assert Order.objects.get(pk=made.pk).coordinates == customer.addresses.get().coordinates == ""
    assert not made.visits.filter(latitude__isnull=False).exists()
    assert not Change.objects.filter(Q(before__icontains="113.317") | Q(after__icontains="113.317")).exists()


def test_without_consent_nothing_is_taken_and_a_known_place_stays(cast: Cast) -> None:
    he, customer = crew.engineer(cast), located(cast)
    made = crew.dispatched(cast, crew.order(cast, customer=customer), he)
    operations.arrive(
        made, place=(Decimal("23.2"), Decimal("113.2")), by=crew.own(cast), at=NOW + timedelta(hours=2)
    )
    assert Order.objects.get(pk=made.pk).coordinates == customer.addresses.get().coordinates == NEAR
    other = crew.dispatched(cast, crew.order(cast, address="别处9号"), he, NOW + timedelta(hours=6))
    assert operations.arrive(other, by=crew.own(cast), at=NOW + timedelta(hours=6)).coordinates == ""


def test_the_way_there_opens_at_the_place_where_it_is_known(settings) -> None:
    assert map_link("中山路1号") == "geo:0,0?q=%E4%B8%AD%E5%B1%B1%E8%B7%AF1%E5%8F%B7"
    assert map_link("中山路1号", NEAR).startswith("geo:23.103,113.317?q=23.103,113.317(%E4%B8%AD")
    settings.MAP_URL, settings.MAP_POINT_URL = "https://map.example/?q={address}", ""
    assert (
        map_link("A1", NEAR) == "https://map.example/?q=A1"
    )  # a map that was not told how to take a place gets the address
    settings.MAP_POINT_URL = "https://map.example/?ll={latitude},{longitude}"
    assert map_link("A1", NEAR) == "https://map.example/?ll=23.103,113.317"


def test_a_customers_place_is_typed_or_pasted_masked_and_forgotten_on_its_page(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    customer, client = located(cast), sign_in("agent")
    address = customer.addresses.get()
    page = reverse("customers:customer", args=[customer.pk])
    shown = client.get(page).content.decode()
    assert "23.1**,113.3**" in shown and NEAR not in shown
    locate = reverse("customers:address-locate", args=[customer.pk, address.pk])
    told = client.post(locate, {"coordinates": "somewhere"})
    assert told.status_code == 422 and "纬度" in told.content.decode()
    assert client.post(locate, {"coordinates": f"https://map.example/@{FAR},15z"}).status_code == 303
    address.refresh_from_db()
    assert address.coordinates == FAR
    client.post(locate, {"coordinates": ""})
    address.refresh_from_db()
    assert address.coordinates == ""
