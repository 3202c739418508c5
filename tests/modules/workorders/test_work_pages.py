"""The pages of the work: plan and price, signatures, photographs, parts, checks, the site; and what they refuse."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from sanbao.audit.models import Event
from sanbao.products import operations as products
from sanbao.products.models import Model, Part
from sanbao.workorders import operations
from sanbao.workorders.models import Order, Plan
from tests.cast import NOW, Cast, assemble, moment
from tests.modules.workorders import crew

HERE = NOW + timedelta(hours=2)


def under_way(cast: Cast, **told: object) -> Order:
    """A repair of a hood out of warranty, its engineer on site."""
    unit = told.pop("unit", None) or crew.unit(cast, purchased_on=moment(2023, 1, 10).date())
    made = crew.dispatched(cast, crew.order(cast, unit=unit, **told), crew.engineer(cast))
    return operations.arrive(made, by=crew.own(cast), at=HERE)


def a_part(cast: Cast, supply: int = 12000, **more: object) -> Part:
    return products.keep_part(
        "M-260", "电机总成", supply, component="电机", by=cast.access("admin"), at=NOW, **more
    )


def photo(name: str = "a.jpg", data: bytes = b"") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (320, 240), "white").save(out, "JPEG")
    return SimpleUploadedFile(name, data or out.getvalue(), "image/jpeg")


def plan_form(*rows: dict[str, object], **more: object) -> dict[str, object]:
    form: dict[str, object] = {
        "do": "save", "cause": "轴承磨损", "content": "更换电机", "method": "拆机更换", "steps": "断电；更换；试机", "minutes": 60, "km": "30",
        "l-TOTAL_FORMS": len(rows), "l-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, row in enumerate(rows):
        form |= {f"l-{number}-{name}": value for name, value in row.items()}
    return form | more


@pytest.fixture
def clerk(sign_in) -> Client:
    return sign_in("outlet-clerk")


def url(name: str, made: Order, *more: object) -> str:
    return reverse(f"workorders:{name}", args=[made.pk, *more])


def test_a_plan_is_written_priced_offered_and_signed_on_one_page(cast: Cast, clerk: Client) -> None:
    """RP-3, KA-4.3: the page says who pays each line and why before anything is offered."""
    made, part = under_way(cast), a_part(cast)
    answer = clerk.post(url("plan", made), plan_form({"what": "labour:replace", "component": "电机"}, {"what": f"part:{part.pk}", "quantity": 1, "price": "160"}, {"what": ""}, {"what": "other:drilling", "quantity": 2}))  # fmt: skip
    assert answer.status_code == 303
    plan = Plan.objects.get(order=made)
    assert [(line.kind, line.amount_fen, line.free) for line in plan.lines.order_by("position")] == [
        ("labour", 6000, False), ("part", 16000, False), ("other", 10000, False),
    ]  # fmt: skip
    page = clerk.get(url("plan", made)).content.decode()
    assert "保修期已于2026-01-10届满" in page or "届满" in page
    for purpose in ("plate", "fault"):
        clerk.post(url("photos", made), {"purpose": purpose, "files": [photo()]})
    assert clerk.post(url("plan-offer", made, 1)).status_code == 303
    answer = clerk.post(url("plan-answer", made, 1), {"how": "glass", "yes": "1", "name": "张三丰", "drawn": crew.SCRAWL})  # fmt: skip
    assert answer.headers["Location"] == reverse("workorders:order", args=[made.pk])
    assert Plan.objects.get(order=made).state == "confirmed"
    assert made.signatures.get(purpose="agreement").name == "张三丰"


def test_a_price_over_the_cap_is_refused_beside_its_line_with_the_arithmetic(
    cast: Cast, clerk: Client
) -> None:
    """KA-6.2: 120 yuan takes 40 %, at most 168; the row says so, and what was typed stays."""
    made, part = under_way(cast), a_part(cast)
    answer = clerk.post(url("plan", made), plan_form({"what": "labour:replace"}, {"what": ""}, {"what": f"part:{part.pk}", "quantity": 1, "price": "168.01"}))  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "168.00" in page
    rows = answer.context["rows"]
    assert [bool(row.errors) for row in rows] == [False, False, True]
    assert "168.01" in page
    assert not Plan.objects.exists()


def test_another_makers_part_and_a_part_for_another_model_are_no_choice(cast: Cast, clerk: Client) -> None:
    """KA-6.1."""
    made = under_way(cast)
    hob = Model.objects.get(company=cast.company, code="JZT-B52")
    other = products.keep_part("Z-1", "阀体", 5000, by=cast.access("admin"), at=NOW)
    other.fits.add(hob)
    foreign = a_part(assemble("other", "o-"))
    for part in (other, foreign):
        answer = clerk.post(url("plan", made), plan_form({"what": f"part:{part.pk}", "price": "1"}))
        assert answer.status_code == 422
        assert "KA-6.1" in answer.content.decode()
        answer = clerk.post(url("parts", made), {"part": part.pk, "quantity": 1, "fate": "returned"})
        assert answer.status_code == 422
        assert "KA-6.1" in answer.content.decode()
    assert not made.parts.exists()


def test_more_lines_and_the_faults_cause_come_without_script_and_keep_what_was_typed(
    cast: Cast, clerk: Client
) -> None:
    made = under_way(cast)
    fields = {"code": "F1", "name": "异响", "cause": "电机轴承磨损", "cure": "更换电机", "component": "电机", "minutes": 45}  # fmt: skip
    fault = operations.keep_fault(None, fields, by=cast.access("head"), at=NOW)
    form = plan_form({"what": "travel"}, do="more", method="先断电")
    page = clerk.post(url("plan", made), form)
    assert (page.status_code, len(page.context["rows"].forms)) == (200, 4)
    assert "先断电" in page.content.decode()
    page = clerk.post(url("plan", made), plan_form({"what": "travel"}, do="fill", diagnosis=fault.pk, cause="", content=""))  # fmt: skip
    told = page.content.decode()
    assert "电机轴承磨损" in told
    assert 'value="45"' in told
    assert page.context["rows"].forms[0].initial["what"] == "labour:replace"


def test_a_later_plan_shows_what_changed_and_needs_a_new_yes(cast: Cast, clerk: Client) -> None:
    """KA-4.3: changes need a new confirmation."""
    made, part = under_way(cast), a_part(cast)
    clerk.post(url("plan", made), plan_form({"what": "labour:replace"}))
    for purpose in ("plate", "fault"):
        clerk.post(url("photos", made), {"purpose": purpose, "files": [photo()]})
    clerk.post(url("plan-offer", made, 1))
    clerk.post(
        url("plan-answer", made, 1), {"how": "glass", "yes": "1", "name": "张三丰", "drawn": crew.SCRAWL}
    )
    assert Plan.objects.get(number=1).state == "confirmed"
    clerk.post(url("plan", made), plan_form({"what": "labour:replace"}, {"what": f"part:{part.pk}", "price": "100"}))  # fmt: skip
    page = clerk.get(url("plan", made))
    assert len(page.context["changes"]) == 2
    assert [plan.state for plan in Plan.objects.order_by("number")] == ["superseded", "draft"]
    answer = clerk.post(url("plan-answer", made, 1), {"how": "phone", "yes": "1", "note": "同意"})
    assert answer.status_code == 422


def test_goodwill_is_given_only_by_who_may(cast: Cast, clerk: Client, sign_in) -> None:
    """ST-7, A-32: free beyond the warranty by approval only."""
    made = under_way(cast)
    rows = ({"what": "labour:replace", "goodwill": "on"},)
    clerk.post(url("plan", made), plan_form(*rows))
    assert not Plan.objects.get(order=made).lines.get().goodwill  # the box is not there for an outlet
    sign_in("supervisor").post(url("plan", made), plan_form(*rows))
    assert Plan.objects.get(order=made, number=2).lines.get().goodwill


def test_a_telephone_yes_needs_a_note_and_a_dot_is_no_signature(cast: Cast, clerk: Client) -> None:
    made = under_way(cast)
    clerk.post(url("plan", made), plan_form({"what": "labour:replace"}))
    for purpose in ("plate", "fault"):
        clerk.post(url("photos", made), {"purpose": purpose, "files": [photo()]})
    clerk.post(url("plan-offer", made, 1))
    assert clerk.post(url("plan-answer", made, 1), {"how": "phone", "yes": "1"}).status_code == 422
    answer = clerk.post(url("plan-answer", made, 1), {"how": "glass", "yes": "1", "name": "张三丰", "drawn": "M10,10"})  # fmt: skip
    assert answer.status_code == 422
    answer = clerk.post(url("signing", made), {"purpose": "acceptance", "name": "张三丰", "drawn": "M10,10"})
    assert answer.status_code == 422
    assert not made.signatures.exists()


def test_a_file_that_is_no_photograph_is_named_and_the_others_are_kept(cast: Cast, clerk: Client) -> None:
    made = under_way(cast)
    files = [photo("铭牌.jpg"), photo("假的.jpg", b"GIF89a not a photo")]
    answer = clerk.post(url("photos", made), {"purpose": "plate", "files": files})
    assert answer.status_code == 422
    assert "假的.jpg" in answer.content.decode()
    assert made.photos.count() == 1


def test_an_old_part_left_with_the_customer_is_signed_for(cast: Cast, clerk: Client) -> None:
    """OP-2: the owner signs; the part can be taken back where it was not fitted after all."""
    made, part = under_way(cast), a_part(cast)
    form = {"part": part.pk, "quantity": 1, "new_code": "N1", "old_code": "O1", "fate": "customer"}
    assert clerk.post(url("parts", made), form).status_code == 422
    answer = clerk.post(url("parts", made), form | {"name": "张三丰", "drawn": crew.SCRAWL})
    assert answer.status_code == 303
    used = made.parts.get()
    assert used.signature.purpose == "old_parts"
    assert clerk.post(url("part-withdraw", made, used.pk)).status_code == 303
    assert made.parts.get().withdrawn_at is not None


def test_the_check_list_and_what_the_rulebook_wants_stand_on_one_page(cast: Cast, clerk: Client) -> None:
    """RP-5."""
    line = operations.keep_check(None, {"kind": "repair", "text": "试机三分钟无异响"}, by=cast.access("head"), at=NOW)  # fmt: skip
    made = under_way(cast)
    page = clerk.get(url("checks", made)).content.decode()
    assert "试机三分钟无异响" in page
    assert clerk.post(url("checks", made), {f"line_{line.pk}": "yes"}).status_code == 303
    assert made.checks.get(check_line=line).passed


def test_every_missing_need_leads_to_its_page(cast: Cast, clerk: Client) -> None:
    made = under_way(cast)
    page = clerk.get(reverse("workorders:order", args=[made.pk]))
    pages = [address for address, _words, _clause in page.context["missing"]]
    assert url("plan", made) in pages
    assert f"{url('photos', made)}?show=plate" in pages
    assert all(pages)


def test_a_site_is_checked_refused_and_its_refusal_printed(cast: Cast, clerk: Client) -> None:
    """KA-4.2, A-41: where safety fails the order ends and the refusal is on paper."""
    model = Model.objects.get(company=cast.company, code="JZT-B52")
    hob = products.register_unit("JZTB520000009", model, by=cast.access("agent"), at=NOW, gas="12T")
    made = under_way(cast, unit=hob, kind="installation", fault="安装燃气灶")
    codes = ("location", "ventilation", "hose", "valve", "leak", "space")
    answer = clerk.post(url("site", made), {f"check_{code}": "ok" for code in codes} | {"gas": "20Y", "plate": photo(), "files": [photo(), photo()]})  # fmt: skip
    assert answer.status_code == 303
    made.refresh_from_db()
    assert (made.site, made.photos.count()) == ("unfit_refuse", 3)
    assert "A-41" not in clerk.get(url("site", made)).content.decode()
    told = {"danger": "气种不符，可能爆燃"}
    again = clerk.post(url("site-refuse", made), told | {"measures": ""})
    assert (again.status_code, told["danger"] in again.content.decode()) == (
        422,
        True,
    )  # what was typed stays
    assert clerk.post(url("site-refuse", made), told | {"measures": "换天然气灶具"}).status_code == 303
    for code in ("refusal", "declaration", "dispatch-order"):
        paper = clerk.get(url("paper", made, code))
        assert paper.content.startswith(b"%PDF")


def test_a_repairs_papers_are_masked_and_in_full_for_a_reason(cast: Cast, clerk: Client, sign_in) -> None:
    """GN-8, RW-8: each paper exists when there is something to print, and every copy is in the event log."""
    from tests.modules.workorders.test_judging import repaired

    made = repaired(
        cast, crew.engineer(cast), NOW, unit=crew.unit(cast, purchased_on=moment(2023, 1, 10).date())
    )
    for code in ("dispatch-order", "agreement", "quotation", "record", "receipt"):
        assert clerk.get(url("paper", made, code)).content.startswith(b"%PDF")
    assert clerk.get(url("paper", made, "refusal")).status_code == 404
    assert Event.objects.filter(action="workorders:paper:printed").count() == 5
    assert clerk.post(url("paper-full", made), {"paper": "record", "reason": ""}).status_code == 422
    assert clerk.post(url("paper-full", made), {"paper": "record", "reason": "交用户"}).content.startswith(b"%PDF")  # fmt: skip
    assert Event.objects.get(action="workorders:paper:unmasked").details["reason"] == "交用户"


def test_blank_forms_and_lists_are_there(cast: Cast, clerk: Client) -> None:
    """KA-13."""
    from sanbao.workorders.papers import PAPERS

    under_way(cast)
    assert clerk.get(reverse("workorders:forms")).status_code == 200
    for code in PAPERS:
        assert clerk.get(reverse("workorders:form-blank", args=[code])).content.startswith(b"%PDF")
    today = timezone.localdate().isoformat()
    for which in ("orders", "records"):
        assert clerk.get(reverse("workorders:form-sheet", args=[which])).content[:2] == b"PK"
        answer = clerk.get(
            reverse("workorders:sheets"), {"which": which, "first": "2026-05-01", "last": today}
        )
        assert answer.content[:2] == b"PK"
    assert Event.objects.filter(action="workorders:sheets:exported").count() == 2


def test_the_pages_are_for_who_works_on_the_places_orders(cast: Cast, sign_in) -> None:
    """CO-1: another outlet has no such order; an engineer with own orders alone has the phone."""
    made = under_way(cast)
    names = ("plan", "signing", "photos", "parts", "checks", "site")
    for who, status in (("agent", 200), ("outlet-clerk", 200), ("owner-NB011", 404), ("xiaohe", 403)):
        assert {sign_in(who).get(url(name, made)).status_code for name in names} == {status}
