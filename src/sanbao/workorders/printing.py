"""Fills the printed forms of a work order from the database: what is on paper is what is kept, masked unless somebody may see it in full (GN-8, RW-8)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.decisions.queries import sentences_of
from sanbao.outlets.models import Certificate
from sanbao.outlets.queries import counts_on
from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import language, masked_phone
from sanbao.workorders import flow
from sanbao.workorders.models import Engineer, Order, Plan, Signature
from sanbao.workorders.operations.siting import DANGER, GAS, MEASURES, OF_SITE, WORDS
from sanbao.workorders.prints import common, lists
from sanbao.workorders.prints.agreement import Agreement, Terms, agreement_pdf
from sanbao.workorders.prints.agreement import Plan as PrintedPlan
from sanbao.workorders.prints.common import Charge, Cover, Customer, Frame, OldPart, Part, Signed, Unit
from sanbao.workorders.prints.dispatch_order import DispatchOrder, Step, dispatch_order_pdf
from sanbao.workorders.prints.quotation import Quotation, quotation_pdf
from sanbao.workorders.prints.receipt import Receipt, receipt_pdf
from sanbao.workorders.prints.record_sheet import Check, ServiceRecord, Site, record_pdf
from sanbao.workorders.prints.refusal import Finding, Refusal, declaration_pdf, refusal_pdf
from sanbao.workorders.prints.training_record import Attendee, Question, StepDone, Training, training_pdf
from sanbao.workorders.states import Kind
from sanbao_rules import charges, sites

# A record's entries about the site, and the checks of the rulebook they come from.
_OF_SITE = {
    "location": "location", "ventilation": "ventilation", "flue": "flue", "hose": "hose", "valve": "valve", "electric": "earth", "tightness": "leak",
    "carbon_monoxide": "co",
}  # fmt: skip


def frame_of(company: Company, access: Access, at: datetime, *, link: str = "", unmasked: bool = False) -> Frame:  # fmt: skip
    """The dress of a paper: whose it is, who takes it, when, and the address its code leads to."""
    return Frame(
        company=company.name,
        hotline=company.hotline,
        printed_at=at,
        printed_by=f"{access.name} {access.request}".strip(),
        unmasked=unmasked,
        link=link,
    )


def link_to(order: Order, request: HttpRequest) -> str:
    """The order's address, as a phone's camera finds it."""
    path = reverse("workorders:order", args=[order.pk])
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def paper_pdf(order: Order, code: str, frame: Frame, said: str) -> bytes:
    """A paper of the order as PDF, in the reader's language."""
    match code:
        case "dispatch-order":
            return dispatch_order_pdf(dispatch_order(order), frame, said)
        case "agreement":
            return agreement_pdf(_agreement(order), frame, said)
        case "quotation":
            return quotation_pdf(_quotation(order), frame, said)
        case "record" | "installation-record":
            return record_pdf(service_record(order), frame, said)
        case "receipt":
            return receipt_pdf(_receipt(order), frame, said)
        case "training-record":
            return training_pdf(_training(order), frame, said)
        case "refusal":
            return refusal_pdf(_refusal(order), frame, said)
        case _:
            return declaration_pdf(_refusal(order), frame, said)


def blank_pdf(company_id: int, code: str, frame: Frame, said: str) -> bytes:
    """The same paper with lines to write in (KA-13)."""
    match code:
        case "dispatch-order":
            return dispatch_order_pdf(DispatchOrder(), frame, said)
        case "agreement":
            return agreement_pdf(Agreement(_terms(company_id, timezone.localdate())), frame, said)
        case "quotation":
            return quotation_pdf(Quotation(), frame, said)
        case "record":
            return record_pdf(ServiceRecord(), frame, said)
        case "installation-record":
            return record_pdf(ServiceRecord(kind="installation"), frame, said)
        case "receipt":
            return receipt_pdf(Receipt(), frame, said)
        case "training-record":
            return training_pdf(Training(), frame, said)
        case "refusal":
            return refusal_pdf(Refusal(), frame, said)
        case _:
            return declaration_pdf(Refusal(), frame, said)


def list_xlsx(which: str, orders: Iterable[Order], frame: Frame, said: str, note: str) -> bytes:
    """Dispatch orders or repair records, a line each (KA-13), below orders the `note` of who took them."""
    if which == "records":
        return lists.repair_records_xlsx((_in_list(order) for order in orders), frame, said)
    return lists.dispatch_orders_xlsx(
        (dispatch_order(order, whole=False) for order in orders), frame, said, note
    )


def blank_xlsx(which: str, frame: Frame, said: str) -> bytes:
    make = lists.blank_repair_records_xlsx if which == "records" else lists.blank_dispatch_orders_xlsx
    return make(frame, said)


# The papers


def dispatch_order(order: Order, *, whole: bool = True) -> DispatchOrder:
    """The engineer's order on paper; not `whole`: only what a line of a list shows."""
    by = order.dispatched_by
    told: dict[str, Any] = {
        "number": order.number, "request": order.request.number if order.request else "", "kind": str(order.get_kind_display()),
        "way": str(order.get_mode_display()), "priority": _level(order), "outlet": _outlet(order), "registered_at": order.reported_at,
        "dispatched_at": order.dispatched_at, "dispatcher": by.name if by else "", "begins_at": order.wanted_from, "ends_at": order.wanted_until,
        "access": order.customer_help or order.note, "customer": _customer(order), "unit": _unit(order), "fault": order.fault,
    }  # fmt: skip
    if not whole:
        engineers = [common.Engineer(name=order.engineer.name)] if order.engineer else []
        return DispatchOrder(**told, cover=Cover(_covered(order)), engineers=engineers)
    return DispatchOrder(
        **told,
        cover=_cover(order),
        caution=_caution(order),
        engineers=_engineers(order),
        steps=_steps(order),
        parts=_planned_parts(_counting_plan(order)),
        old_parts=_old_parts(order),
        old_parts_signed=_signed(order, "old_parts"),
        engineer_signed=_hand(order.engineer),
    )


def _agreement(order: Order) -> Agreement:
    plan = _offered_plan(order)
    return Agreement(
        _terms(order.company_id, flow.day_of(order)),
        number=order.number,
        version=plan.number,
        outlet=_outlet(order),
        customer=_customer(order),
        unit=_unit(order),
        cover=_cover(order),
        fault=order.fault,
        diagnosis=plan.cause,
        plan=PrintedPlan(
            content=plan.content,
            method=plan.method,
            steps=[line for line in plan.steps.replace("；", "\n").splitlines() if line.strip()],
            materials=_planned_parts(plan),
            hours=(Decimal(plan.minutes) / 60).quantize(Decimal("0.1")),
            begins_at=order.arrived_at or order.wanted_from,
        ),
        charges=_charges(order, plan),
        customer_signed=_answered(order, plan),
        outlet_signed=Signed(_outlet(order), plan.offered_at),
        engineer_signed=_hand(order.engineer, plan.offered_at),
    )


def _quotation(order: Order) -> Quotation:
    plan = _offered_plan(order)
    answer = {"confirmed": "agreed", "declined": "declined"}.get(plan.state, "")
    return Quotation(
        number=f"{order.number}-{plan.number}", order=order.number, version=plan.number, outlet=_outlet(order), made_at=plan.offered_at,
        customer=_customer(order), unit=_unit(order), cover=_cover(order), fault=order.fault, diagnosis=plan.cause, charges=_charges(order, plan),
        answer=answer, answer_note=plan.answer_note, customer_signed=_answered(order, plan), engineer_signed=_hand(order.engineer, plan.offered_at),
    )  # fmt: skip


def service_record(order: Order) -> ServiceRecord:
    """The work done, what it was done with, and the customer's acceptance."""
    installing = order.kind == Kind.INSTALLATION
    checks = _checks(order)
    results = {check.result for check in checks}
    return ServiceRecord(
        **_of_record(order),
        kind="installation" if installing else "repair",
        cover=_cover(order),
        site=_site(order) if installing else Site(),
        engineers=_engineers(order),
        checks=checks,
        overall="fail" if "fail" in results else "pass" if "pass" in results else "",
        parts=_used_parts(order),
        old_parts=_old_parts(order),
        charges=_bill(order),
        inspected_by=order.checked_by.name if order.checked_by else "",
        inspected_at=order.checked_at,
        photos=order.photos.count(),
        rating=order.rating,
        opinion=order.rating_words,
        customer_signed=_signed(order, "acceptance"),
        engineer_signed=_hand(order.engineer, order.done_at),
    )


def _of_record(order: Order) -> dict[str, Any]:
    return {
        "number": order.number, "service": f"{order.get_kind_display()} · {order.get_mode_display()}", "outlet": _outlet(order),
        "customer": _customer(order), "unit": _unit(order), "registered_at": order.reported_at, "begins_at": order.wanted_from,
        "ends_at": order.wanted_until, "arrived_at": order.arrived_at, "finished_at": order.done_at, "restored_at": order.restored_at,
        "km": order.km or None, "fault": order.fault, "cause": order.cause, "action": order.action, "customer_part": order.customer_help,
    }  # fmt: skip


def _in_list(order: Order) -> ServiceRecord:
    """What a line of the list of repair records shows."""
    parts = [Part(name=order.component)] if order.component and order.work == Order.Work.REPLACE else []
    paid = [Charge("other", "", order.charged_fen, order.charged_fen)] if order.charged_fen else []
    engineers = [common.Engineer(name=order.engineer.name)] if order.engineer else []
    return ServiceRecord(**_of_record(order), cover=Cover(_covered(order)), engineers=engineers, parts=parts, charges=paid)  # fmt: skip


def _receipt(order: Order) -> Receipt:
    bill = _bill(order)
    listed = common.payable_of(bill) == order.charged_fen
    return Receipt(
        number=f"{order.number}-S", order=order.number, outlet=_outlet(order), payer=order.contact, received_at=order.closed_at,
        amount=order.charged_fen, purpose=f"{order.model} {order.get_kind_display()}".strip(), charges=bill if listed else (),
        receiver_signed=_hand(order.engineer, order.closed_at), customer_signed=_signed(order, "acceptance"),
    )  # fmt: skip


def _training(order: Order) -> Training:
    behind = {row.code: row for row in order.steps.filter(undone_at__isnull=True).select_related("by")}
    steps = []
    for step in flow.steps_of(order):
        row = behind.get(step.code)
        steps.append(StepDone(row.at, row.by.name if row.by else "") if row else StepDone())
    while steps and steps[-1].at is None:
        steps.pop()
    said = {code: row.words for code, row in behind.items()}
    attended = order.checks.filter(code="attendance").values_list("value", flat=True).first() or ""
    handed = flow.book_of(order).word("material_handed", language()) if order.checks.filter(code="material_handed", passed=True).exists() else ""  # fmt: skip
    trainers = _engineers(order)
    return Training(
        number=order.number, request=order.request.number if order.request else "", applicant=order.contact, phone=order.phone,
        applied_at=order.reported_at, product=order.model, content=order.fault, material=handed, planned_from=order.wanted_from,
        planned_to=order.wanted_until, held_from=order.arrived_at, held_to=order.done_at, place=str(order.get_mode_display()),
        trainer=trainers[0] if trainers else common.Engineer(), steps=steps,
        attendees=[Attendee(organisation=attended, attended=True)] if attended else [],
        questions=[Question(said["asking"], answer=said.get("answering", ""))] if said.get("asking") else [],
        summary=order.action, feedback=order.rating_words, rating=order.rating, trainer_signed=_hand(order.engineer, order.done_at),
        customer_signed=_signed(order, "training"),
    )  # fmt: skip


def _refusal(order: Order) -> Refusal:
    answer = order.site_decision.answer if order.site_decision else {"critical": [], "minor": [], "hard_stop": False}  # fmt: skip
    book, on = flow.book_of(order), timezone.localdate(order.site_decision.made_at if order.site_decision else order.made_at)  # fmt: skip
    category = order.unit.model.category if order.unit else ""
    known = {check.code: check for check in sites.checks(category, book, on)}
    kept = dict(order.checks.filter(code__startswith=OF_SITE).values_list("code", "value"))
    gas = f"{_('gas that is there')}: {kept[GAS]}" if kept.get(GAS) else ""
    findings = [
        Finding(
            book.word(code, language()),
            gas if code == "gas_type" and gas else book.word("bad", language()),
            basis=known[code].clause.rpartition(" ")[2] if code in known else "",
        )
        for code in (*answer["critical"], *answer["minor"])
    ]
    return Refusal(
        number=f"{order.number}-J", order=order.number, outlet=_outlet(order), refused_at=order.incomplete_at or (order.site_decision.made_at if order.site_decision else None),
        customer=_customer(order), unit=_unit(order), hazard="hard_stop" if answer["hard_stop"] else "other", engineers=_engineers(order),
        findings=findings, danger=kept.get(DANGER, ""), measures=kept.get(MEASURES, ""), photos=order.photos.filter(purpose="site").count(), own_words=kept.get(WORDS, ""),
        customer_signed=_signed(order, "declaration"), engineer_signed=_hand(order.engineer),
    )  # fmt: skip


# What they are made of


def _outlet(order: Order) -> str:
    return f"{order.outlet.code} {order.outlet.name}" if order.outlet else order.company.name


def _level(order: Order) -> str:
    from sanbao.intake.states import Level

    return str(dict(Level.choices).get(order.level, "")) if order.level else ""


def _customer(order: Order) -> Customer:
    return Customer(order.contact, order.phone, order.address)


def _unit(order: Order) -> Unit:
    unit = order.unit
    if unit is None:
        return Unit(model=order.model, serial=order.serial)
    return Unit(
        category=unit.model.category, model=order.model, serial=order.serial, gas=str(unit.get_gas_display()) if unit.gas else "", made_on=unit.produced_on,
        purchased_on=unit.purchased_on, installed_on=unit.installed_on,
    )  # fmt: skip


def _covered(order: Order) -> Any:
    return order.cover if order.cover in ("in", "out") else ""


def _cover(order: Order) -> Cover:
    why = sentences_of(order.cover_decision, language()) if order.cover_decision else []
    return Cover(_covered(order), why=" ".join(sentence.text for sentence in why))


def _caution(order: Order) -> str:
    told = []
    if order.age in (Order.Age.ADVISE, Order.Age.NO_REPAIR) and order.age_decision:
        told += [sentence.text for sentence in sentences_of(order.age_decision, language())]
    if order.repeat_of:
        told.append(_("Repeat of %(order)s: no second labour fee.") % {"order": order.repeat_of.number})
    return " ".join(told)


def _engineers(order: Order) -> list[common.Engineer]:
    """Who was sent, with the certificate that counts on the day: the gas one for gas appliances first."""
    people: list[Person] = [order.engineer] if order.engineer else []
    people += [visit.engineer for visit in order.visits.filter(helps=True).exclude(state__in=("refused", "dropped")).select_related("engineer")]  # fmt: skip
    on = timezone.localdate(order.wanted_from or order.dispatched_at or order.made_at)
    phones = dict(Engineer.objects.filter(company_id=order.company_id, person__in=people, retired_at__isnull=True).values_list("person_id", "phone"))  # fmt: skip
    held: dict[int, Certificate] = {}
    for row in Certificate.objects.filter(counts_on(on), company_id=order.company_id, person__in=people).order_by("id"):  # fmt: skip
        if row.person_id not in held or row.kind == Certificate.Kind.GAS:
            held[row.person_id] = row
    return [_engineer(person, held.get(person.pk), phones.get(person.pk, "")) for person in dict.fromkeys(people)]  # fmt: skip


def _engineer(person: Person, certificate: Certificate | None, phone: str) -> common.Engineer:
    if certificate is None:
        return common.Engineer(name=person.name, phone=phone)
    kind = certificate.name or str(certificate.get_kind_display())
    return common.Engineer(person.name, "", certificate.number, kind, certificate.valid_until, phone)


def _steps(order: Order) -> list[Step]:
    behind = {row.code: row for row in order.steps.filter(undone_at__isnull=True)}
    told = []
    for step in flow.steps_of(order):
        row = behind.get(step.code)
        told.append(
            Step(flow.label(step), step.instruction[language()], bool(row and not row.skipped), row.at if row else None, row.reason if row else "")
        )  # fmt: skip
    return told


def _hand(person: Person | None, at: datetime | None = None) -> Signed:
    return Signed(person.name, at) if person and at else Signed()


def _signed(order: Order, purpose: str) -> Signed:
    """The signature for a purpose, with its picture; empty where nobody has signed."""
    row = order.signatures.filter(purpose=purpose, withdrawn_at__isnull=True).select_related("file").last()
    return _picture(row) if row else Signed()


def _picture(row: Signature) -> Signed:
    picture = b""
    if default_storage.exists(row.file.path):
        with default_storage.open(row.file.path) as file:
            picture = file.read()
    return Signed(row.name, row.at, picture, _("on the glass"))


def _answered(order: Order, plan: Plan) -> Signed:
    """The customer's answer to the plan as a signature: drawn, or told by telephone with who heard it."""
    if plan.signature is not None:
        return _picture(plan.signature)
    if plan.answered_at is None or plan.state != Plan.State.CONFIRMED:
        return Signed()
    return Signed(plan.answered_by, plan.answered_at, manner=" ".join(filter(None, (plan.get_answered_how_display(), masked_phone(plan.answered_phone), plan.answer_note))))  # fmt: skip


def _offered_plan(order: Order) -> Plan:
    """The last plan that the customer was shown."""
    rows = order.plans.filter(offered_at__isnull=False).select_related("signature__file")
    return rows.prefetch_related("lines__part").latest("number")  # type: ignore[no-any-return]


def _counting_plan(order: Order) -> Plan | None:
    rows = order.plans.filter(state__in=("offered", "confirmed")).prefetch_related("lines__part")
    return rows.order_by("-number").first()  # type: ignore[no-any-return]


def _planned_parts(plan: Plan | None) -> list[Part]:
    lines = sorted(plan.lines.all(), key=lambda line: line.position) if plan else []
    return [
        Part(line.part.name, line.part.code, quantity=line.quantity, cover="in" if line.free else "out")
        for line in lines
        if line.part
    ]


def _used_parts(order: Order) -> list[Part]:
    rows = order.parts.filter(withdrawn_at__isnull=True).select_related("part").order_by("id")
    return [
        Part(row.part.name, row.part.code, quantity=Decimal(row.quantity), serial=row.new_code, old_serial=row.old_code, cover="in" if row.free else "out")
        for row in rows
    ]  # fmt: skip


def _old_parts(order: Order) -> list[OldPart]:
    rows = order.parts.filter(withdrawn_at__isnull=True).exclude(fate="none").select_related("part").order_by("id")  # fmt: skip
    return [
        OldPart(row.part.name, row.old_code, Decimal(row.quantity), "customer" if row.fate == "customer" else "keeper", str(row.get_fate_display()))
        for row in rows
    ]  # fmt: skip


def _bill(order: Order) -> list[Charge]:
    """What the confirmed plan says; without one, the parts that were used."""
    plan = order.plans.filter(state="confirmed").prefetch_related("lines__part").first()
    if plan is not None:
        return _charges(order, plan)
    rows = order.parts.filter(withdrawn_at__isnull=True).select_related("part").order_by("id")
    return [
        Charge("part", row.part.name, row.price_fen, row.price_fen * row.quantity, Decimal(row.quantity), code=row.part.code, cover="in" if row.free else "out")
        for row in rows
    ]  # fmt: skip


def _charges(order: Order, plan: Plan) -> list[Charge]:
    """The lines of a plan as a bill: what the company bears, what the customer pays, and what each price rests on."""
    book, on = book_in_force(order.company_id, "charges"), timezone.localdate(plan.made_at)
    lines = sorted(plan.lines.all(), key=lambda line: line.position)
    return [_charge(line, book, on) for line in lines]


def _charge(line: Any, book: Any, on: date) -> Charge:
    adds_up = line.price_fen * line.quantity == line.amount_fen
    part = line.part
    basis = "ST-7" if line.goodwill else "KA-5.1" if line.free else "KA-6.2" if part else "KA-4.3"
    cap = int(charges.part_price_cap(Decimal(part.supply_price_fen) / 100, book, on).answer) if part and not line.free else None  # fmt: skip
    return Charge(
        line.kind, part.name if part else line.text, line.price_fen if adds_up else line.amount_fen, line.amount_fen,
        Decimal(line.quantity) if adds_up else Decimal(1), code=part.code if part else "", cover="in" if line.free else "out", basis=basis, cap=cap,
    )  # fmt: skip


def _checks(order: Order) -> list[Check]:
    """The company's check list and the rulebook's, as they were answered."""
    book = flow.book_of(order)
    told = []
    for row in order.checks.select_related("check_line").order_by("id"):
        if row.code.startswith(OF_SITE) and row.passed is None and row.value not in ("none",):
            continue  # the gas that was found, words: they have places of their own
        if row.code == "site":
            continue
        code = row.code.removeprefix(OF_SITE)
        name = str(row.check_line) if row.check_line else book.word(code, language())
        result = {True: "pass", False: "fail"}.get(row.passed, "na" if row.value == "none" else "")
        told.append(Check(name, value="" if row.code.startswith(OF_SITE) else row.value, result=result))
    return told


def _site(order: Order) -> Site:
    book = flow.book_of(order)
    kept = dict(order.checks.values_list("code", "value"))
    passed = dict(order.checks.filter(passed=True).values_list("code", "passed"))
    found = {
        name: book.word(kept[OF_SITE + code], language())
        for name, code in _OF_SITE.items()
        if OF_SITE + code in kept
    }
    yes = book.word("ok", language())
    return Site(
        gas_on_site=kept.get(GAS, ""), trial_run=yes if passed.get("trial_run") else "", instructed=yes if passed.get("user_instructed") else "",
        **found,
    )  # fmt: skip


def _terms(company_id: int, on: date) -> Terms:
    """The figures of the agreement's terms, from the rulebooks in force (KA-5.1, KA-6.2)."""
    prices, cover = book_in_force(company_id, "charges"), book_in_force(company_id, "warranty")
    return Terms(
        int(prices.value("threshold", on).value * 100), Decimal(prices.value("markup_from_threshold", on).value),
        Decimal(prices.value("markup_below", on).value), int(cover.value("replaced_part_months", on).value),
    )  # fmt: skip
