"""The questions the rules can be asked again: stored facts and pinned books in, the same decision out."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sanbao_rules import (
    appraisal,
    approvals,
    callbacks,
    charges,
    complaints,
    custody,
    device_clock,
    dispatch,
    distances,
    emergency,
    escalation,
    exchanges,
    findings,
    improvements,
    inspections,
    needs,
    panels,
    parts_orders,
    personnel,
    priority,
    promises,
    property_fees,
    quality,
    quotation,
    repairs,
    retention,
    returns,
    settlement,
    settlement_why,
    sites,
    subsidy,
    surveys,
    warranty,
    workorders,
    worktime,
)
from sanbao_rules.decision import Decision
from sanbao_rules.packing import unpack
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.worktime import Calendar, calendar_of

Facts = Mapping[str, Any]
Books = Mapping[str, Rulebook]


def _month(facts: Facts, books: Books) -> Decision:
    """Facts: month, paper_on, electronic_on, either `sheets` or their `tally`, and `corrections` of settled months if any."""
    month = facts["month"]
    terms = settlement.Terms.resolve(books, month)
    if "tally" in facts:
        counted = settlement.Tally(**facts["tally"])
    else:
        counted = settlement.tally(
            (settlement.decide_sheet(sheet_facts(s), terms) for s in facts["sheets"]), terms
        )
    if facts.get("corrections"):
        counted.correct(settlement.Correction(*correction) for correction in facts["corrections"])
    made = settlement.add_up(month, facts.get("paper_on"), facts.get("electronic_on"), counted, terms, books)
    return made.decision


def _sheet(facts: Facts, books: Books) -> Decision:
    """Facts: month, sheet. The answer is the outcome with its amounts."""
    month = facts["month"]
    terms = settlement.Terms.resolve(books, month)
    made = settlement.decide_sheet(sheet_facts(facts["sheet"]), terms)
    answer = {name: value for name, value in made._asdict().items() if name != "why"}
    reasons = settlement_why.expand(made.why, books, month)
    return Decision("settlement.sheet", answer, reasons, books["settlement"].cited)


def sheet_facts(stored: Any) -> settlement.SheetFacts:
    """A sheet's facts from a packed line, a stored tuple, or a table in which what is empty may be left out."""
    if isinstance(stored, str):
        return unpack(stored)
    if not isinstance(stored, Mapping):
        return settlement.SheetFacts(*stored)
    empty = settlement.SheetFacts((), "", "", Decimal(0), None, None, None, None, "", False, ())
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    given["findings"] = tuple(tuple(finding) for finding in given.get("findings", ()))
    given["km"] = Decimal(given.get("km", 0))
    return empty._replace(**given)


def _counts(facts: Facts, books: Books) -> Decision:
    """Facts: on."""
    return findings.counts(facts["on"], books)


def _hint(facts: Facts, books: Books) -> Decision:
    """Facts: kind, on, and `told`: what was seen."""
    return findings.hint(facts["kind"], facts["told"], facts["on"], books)


def _last_day(facts: Facts, books: Books) -> Decision:
    """Facts: of (appeal, improvement, refund), start."""
    return findings.last_day(facts["of"], facts["start"], books)


def _correction(facts: Facts, books: Books) -> Decision:
    """Facts: month, rate, and the sheet `before` and `after`."""
    terms = settlement.Terms.resolve(books, facts["month"])
    before, after = sheet_facts(facts["before"]), sheet_facts(facts["after"])
    return findings.correction(before, after, Decimal(facts["rate"]), terms)


def _rate(facts: Facts, books: Books) -> Decision:
    """Facts: month, paper_on, electronic_on."""
    return settlement.rate(facts["month"], facts.get("paper_on"), facts.get("electronic_on"), books)


def _cover(facts: Facts, books: Books) -> Decision:
    """Facts: purchased_on; and category, component, installed_on, delivered_on, repair_days, replaced_on, labour as known."""
    return warranty.cover(**_warranty_facts(facts), book=books["warranty"])


def _in_warranty(facts: Facts, books: Books) -> Decision:
    """Facts: asked_on, and those of warranty.cover."""
    return warranty.in_warranty(facts["asked_on"], **_warranty_facts(facts), book=books["warranty"])


def _warranty_facts(facts: Facts) -> dict[str, Any]:
    """Category and component may be left out; words people use for them are the caller's to translate."""
    return {"category": "", "component": ""} | {
        name: value for name, value in facts.items() if name != "asked_on"
    }


def _remedies(facts: Facts, books: Books) -> Decision:
    """Facts: sold_on, on, and repairs as known."""
    return warranty.remedies(
        facts["sold_on"], facts["on"], books["warranty"], repairs=facts.get("repairs", 0)
    )


def _reopening(facts: Facts, books: Books) -> Decision:
    """Facts: ended_on, times, on."""
    return workorders.reopening(facts["ended_on"], facts["times"], books["workorder"], facts["on"])


def _comment(facts: Facts, books: Books) -> Decision:
    """Facts: stars, on."""
    return _asked(workorders.comment_asked(facts["stars"], books["workorder"], facts["on"]))


def _way(facts: Facts, books: Books) -> Decision:
    """Facts: km, on."""
    return _asked(distances.travel(Decimal(facts["km"]), books["workorder"], facts["on"]))


def _asked(made: Decision | None) -> Decision:
    """A decision of an edition that knows the question."""
    if made is None:
        raise LookupError("this edition does not know the question")
    return made


def _price_cap(facts: Facts, books: Books) -> Decision:
    """Facts: supply_price in yuan, on."""
    return charges.part_price_cap(facts["supply_price"], books["charges"], facts["on"])


def _labour(facts: Facts, books: Books) -> Decision:
    """Facts: category, work, on."""
    return charges.labour(facts["category"], facts["work"], books["charges"], facts["on"])


def _travel(facts: Facts, books: Books) -> Decision:
    """Facts: km one way, on."""
    return charges.travel(Decimal(facts["km"]), books["charges"], facts["on"])


def _deadline(facts: Facts, books: Books) -> Decision:
    """Facts: start, and hours or seconds of working time."""
    seconds = facts["seconds"] if "seconds" in facts else int(Decimal(facts["hours"]) * 3600)
    return worktime.deadline_decision(facts["start"], seconds, books["calendar"])


def _workday(facts: Facts, books: Books) -> Decision:
    """Facts: start (a date), days of working time."""
    return worktime.workday_decision(facts["start"], facts["days"], books["calendar"])


def _erasable_from(facts: Facts, books: Books) -> Decision:
    """Facts: record (a parameter of the retention book), since, on."""
    return retention.erasable_from(facts["record"], facts["since"], facts["on"], books["retention"])


def _improvement_step(facts: Facts, books: Books) -> Decision:
    """Facts: due_on, on."""
    return improvements.step(facts["due_on"], facts["on"], books["improvements"])


def _improvement_review(facts: Facts, books: Books) -> Decision:
    """Facts: done_on."""
    return improvements.review_day(facts["done_on"], books["improvements"])


def _survey_ask(facts: Facts, books: Books) -> Decision:
    """Facts: kind, closed_on, on; campaign, told, no_contact, no_marketing, consented, last_asked_on as known."""
    known = {name: value for name, value in facts.items() if name != "on"}
    return surveys.ask(surveys.Asked(**known), facts["on"], books["surveys"])


def _survey_score(facts: Facts, books: Books) -> Decision:
    """Facts: stars, on."""
    return surveys.score(facts["stars"], facts["on"], books["surveys"])


def _survey_result(facts: Facts, books: Books) -> Decision:
    """Facts: population, asked, scores (how many gave 1, 2, 3, 4 and 5 stars), on."""
    scores = dict(enumerate(facts["scores"], 1))
    return surveys.result(facts["population"], facts["asked"], scores, facts["on"], books["surveys"])


def _survey_correction(facts: Facts, books: Books) -> Decision:
    """Facts: answered_on, on."""
    return surveys.correction(facts["answered_on"], facts["on"], books["surveys"])


def _survey_flow(facts: Facts, books: Books) -> Decision:
    """Facts: works, on."""
    return surveys.flow_end(facts["works"], facts["on"], books["surveys"])


def _survey_sending(facts: Facts, books: Books) -> Decision:
    """Facts: now."""
    return surveys.sending(facts["now"], books["surveys"])


def _survey_sample(facts: Facts, books: Books) -> Decision:
    """Facts: population, margin, on."""
    return surveys.sample(facts["population"], Decimal(facts["margin"]), facts["on"], books["surveys"])


def _priority(facts: Facts, books: Books) -> Decision:
    """Facts: nature, severity (may be left out), flags, on."""
    asked = priority.PriorityFacts(
        facts["nature"], facts.get("severity", ""), tuple(facts.get("flags", ())), facts["on"]
    )
    return priority.priority(asked, books["service"])


def _promise(facts: Facts, books: Books) -> Decision:
    """Facts: promise, history of (at, what, detail); and extra, roster, now as known. See `promises.facts_of`."""
    return promises.decide(**promises.from_facts(facts), book=books["service"], calendar=_calendar(books))


def _step(facts: Facts, books: Books) -> Decision:
    """Facts: those of service.promise, and the code of the step. `now` is when it was due to be sent."""
    known = promises.from_facts(facts)
    calendar = _calendar(books)
    made = promises.clock(**known, book=books["service"], calendar=calendar)
    planned = escalation.steps(made, books["service"], calendar, roster=known["roster"])
    step = next((step for step in planned if step.code == facts["code"]), None)
    if step is None:
        raise LookupError(f"the promise {known['promise']} has no step {facts['code']!r} after this history")
    return escalation.decision(step, made, books["service"])


def _gate(facts: Facts, books: Books) -> Decision:
    """Facts: kind, step, present (may be left out), on."""
    return workorders.missing(
        facts["kind"], facts["step"], facts.get("present", ()), books["workorder"], facts["on"]
    )


def _customer_labour(facts: Facts, books: Books) -> Decision:
    """Facts: category, work, on."""
    return charges.customer_labour(facts["category"], facts["work"], books["charges"], facts["on"])


def _quote(facts: Facts, books: Books) -> Decision:
    """Facts: lines, case, on. See `quotation.facts_of`."""
    lines, case = quotation.from_facts(facts)
    return quotation.quote(lines, case, books, facts["on"])


def _site(facts: Facts, books: Books) -> Decision:
    """Facts: category, results, on; insists may be left out."""
    return sites.site(
        facts["category"],
        facts["results"],
        books["workorder"],
        facts["on"],
        insists=facts.get("insists", False),
    )


def _age(facts: Facts, books: Books) -> Decision:
    """Facts: category, on; and sold_on, gas, stated_years, early as known."""
    return sites.age(
        facts["category"],
        facts.get("sold_on"),
        books["workorder"],
        facts["on"],
        gas=facts.get("gas", ""),
        stated_years=facts.get("stated_years", 0),
        early=facts.get("early", ()),
    )


def _repair_time(facts: Facts, books: Books) -> Decision:
    """Facts: category, kind, history of (at, what, detail); now may be left out."""
    return repairs.repair_time(
        [promises.Moment(*moment) for moment in facts["history"]],
        facts["category"],
        facts["kind"],
        books["workorder"],
        _calendar(books),
        now=facts.get("now"),
    )


def _repeat(facts: Facts, books: Books) -> Decision:
    """Facts: orders, on; in_warranty may be left out. See `repairs.facts_of`."""
    return repairs.repeat(
        [repairs.past_from(order) for order in facts["orders"]],
        books["workorder"],
        facts["on"],
        in_warranty=facts.get("in_warranty", True),
    )


def _first_time_fix(facts: Facts, books: Books) -> Decision:
    """Facts: order, later orders of the unit (may be left out), on."""
    return repairs.first_time_fix(
        repairs.past_from(facts["order"]),
        [repairs.past_from(order) for order in facts.get("later", ())],
        books["workorder"],
        facts["on"],
    )


def _device_clock(facts: Facts, books: Books) -> Decision:
    """Facts: device_at, sent_at, received_at; dispatched_at and earlier as known."""
    return device_clock.plausible(
        facts["device_at"],
        facts["sent_at"],
        facts["received_at"],
        books["workorder"],
        dispatched_at=facts.get("dispatched_at"),
        earlier=facts.get("earlier", ()),
    )


def _dispatch(facts: Facts, books: Books) -> Decision:
    """Facts: engineers, job, on. See `dispatch.facts_of`."""
    engineers, job = dispatch.from_facts(facts)
    return dispatch.rank(engineers, job, books["workorder"], facts["on"])


def _callbacks(facts: Facts, books: Books) -> Decision:
    """Facts: kind, number, completed_on, arrived_on, on; component, flags and barred as known."""
    job = callbacks.Job(
        facts["kind"],
        facts["number"],
        facts["completed_on"],
        facts["arrived_on"],
        facts.get("component", ""),
        tuple(facts.get("flags", ())),
        facts.get("barred", ""),
    )
    return callbacks.plan(job, books["callbacks"], _calendar(books), facts["on"])


def _after_try(facts: Facts, books: Books) -> Decision:
    """Facts: outcome, tries, at; asked_for and other_number as known."""
    return callbacks.after(
        facts["outcome"],
        facts["tries"],
        facts["at"],
        books["callbacks"],
        _calendar(books),
        asked_for=facts.get("asked_for"),
        other_number=facts.get("other_number", False),
    )


def _calls_of_a_day(facts: Facts, books: Books) -> Decision:
    """Facts: callers (how many calls each has), waiting (number, due_on, caller or nothing), on."""
    return callbacks.spread(facts["callers"], facts["waiting"], books["callbacks"], facts["on"])


def _promised_answer(facts: Facts, books: Books) -> Decision:
    """Facts: promised_at, due_at, now; kept_at as known."""
    return callbacks.answer(
        facts["promised_at"],
        facts["due_at"],
        books["callbacks"],
        facts["now"],
        kept_at=facts.get("kept_at"),
    )


def _urgent(facts: Facts, books: Books) -> Decision:
    """Facts: kind, on."""
    return callbacks.urgent(facts["kind"], books["callbacks"], facts["on"])


def _complaint_clock(facts: Facts, books: Books) -> Decision:
    """Facts: clock, history of (at, what, detail); now may be left out. See `complaints.facts_of`."""
    return complaints.decide(
        facts["clock"], _moments(facts), books["complaints"], _calendar(books), now=facts.get("now")
    )


def _complaint_step(facts: Facts, books: Books) -> Decision:
    """Facts: those of complaint.clock, and the code of the step. `now` is when it was due to be sent."""
    book, calendar = books["complaints"], _calendar(books)
    made = complaints.clock(facts["clock"], _moments(facts), book, calendar, now=facts.get("now"))
    step = next((step for step in escalation.steps(made, book, calendar) if step.code == facts["code"]), None)
    if step is None:
        raise LookupError(f"the clock {facts['clock']} has no step {facts['code']!r} after this history")
    return escalation.decision(step, made, book, complaints.STEP)


def _moments(facts: Facts) -> list[promises.Moment]:
    return [promises.Moment(*moment) for moment in facts["history"]]


def _complaint_weight(facts: Facts, books: Books) -> Decision:
    """Facts: kind, harm, flags (may be left out), on."""
    asked = complaints.Facts(facts["kind"], facts["harm"], tuple(facts.get("flags", ())), facts["on"])
    return complaints.weight(asked, books["complaints"])


def _complaint_repeat(facts: Facts, books: Books) -> Decision:
    """Facts: complained, the complaints before as (number, on, what is alike); on."""
    earlier = [complaints.Earlier(number, on, tuple(alike)) for number, on, alike in facts["complained"]]
    return complaints.repeat(earlier, books["complaints"], facts["on"])


def _complaint_owner(facts: Facts, books: Books) -> Decision:
    """Facts: kind, on."""
    return complaints.owner(facts["kind"], books["complaints"], facts["on"])


def _complaint_verdict(facts: Facts, books: Books) -> Decision:
    """Facts: justified, cause, day_agreed, routes, on."""
    return complaints.verdict(
        facts["justified"],
        facts["cause"],
        facts["day_agreed"],
        facts["routes"],
        books["complaints"],
        facts["on"],
    )


def _complaint_approval(facts: Facts, books: Books) -> Decision:
    """Facts: kind, fen, on."""
    return complaints.approval(facts["kind"], facts["fen"], books["complaints"], facts["on"])


def _calendar(books: Books) -> Calendar:
    return calendar_of(books["calendar"], provisional=True)


def _by(name: str, rule: Callable[..., Decision]) -> Callable[[Facts, Books], Decision]:
    """A rule whose facts are its keywords, asked by one book."""
    return lambda facts, books: rule(**facts, book=books[name])


def _by_calendar(name: str, rule: Callable[..., Decision]) -> Callable[[Facts, Books], Decision]:
    """The same for a rule that counts working days or moves a last day that is a rest day."""
    return lambda facts, books: rule(**facts, book=books[name], calendar=_calendar(books))


QUESTIONS: dict[str, Callable[[Facts, Books], Decision]] = {
    "settlement.month": _month,
    "settlement.sheet": _sheet,
    "settlement.rate": _rate,
    "finding.counts": _counts,
    "finding.hint": _hint,
    "finding.last_day": _last_day,
    "finding.correction": _correction,
    "warranty.cover": _cover,
    "warranty.in_warranty": _in_warranty,
    "warranty.remedies": _remedies,
    "charges.part_price_cap": _price_cap,
    "charges.labour": _labour,
    "charges.travel": _travel,
    "worktime.deadline": _deadline,
    "worktime.workdays": _workday,
    "retention.erasable_from": _erasable_from,
    "improvements.step": _improvement_step,
    "improvements.review_day": _improvement_review,
    "surveys.ask": _survey_ask,
    "surveys.score": _survey_score,
    "surveys.result": _survey_result,
    "surveys.sample": _survey_sample,
    "surveys.correction": _survey_correction,
    "surveys.flow_end": _survey_flow,
    "surveys.sending": _survey_sending,
    "service.priority": _priority,
    "service.promise": _promise,
    "service.step": _step,
    "charges.customer_labour": _customer_labour,
    "workorder.gate": _gate,
    "workorder.quote": _quote,
    "workorder.site": _site,
    "workorder.age": _age,
    "workorder.repair_time": _repair_time,
    "workorder.repeat": _repeat,
    "workorder.first_time_fix": _first_time_fix,
    "workorder.reopening": _reopening,
    "workorder.comment": _comment,
    "workorder.travel": _way,
    "workorder.device_clock": _device_clock,
    "workorder.dispatch": _dispatch,
    "custody.fate": _by("custody", custody.fate),
    "custody.transfer": _by_calendar("custody", custody.transfer),
    "custody.hand_over": _by_calendar("custody", custody.hand_over),
    "custody.insurance": _by_calendar("custody", custody.insurance),
    "custody.penalty": _by("custody", custody.penalty),
    "custody.clearing": _by("custody", custody.clearing),
    "custody.storage": _by("custody", custody.storage),
    "custody.gate": _by("custody", needs.gate),
    "returns.part": _by("returns", returns.part),
    "returns.goods": _by("returns", returns.goods),
    "returns.count": _by("returns", returns.count),
    "returns.approvals": _by("returns", returns.approvals),
    "returns.answer": _by_calendar("returns", returns.answer),
    "returns.false_reason": _by("returns", returns.false_reason),
    "returns.panel": _by_calendar("returns", panels.panel),
    "returns.forgery": _by("returns", panels.forgery),
    "returns.instrument": _by("returns", exchanges.instrument),
    "returns.cost": _by("returns", exchanges.cost),
    "returns.gate": _by("returns", needs.gate),
    "parts_orders.order": _by_calendar("parts_orders", parts_orders.order),
    "parts_orders.due": _by_calendar("parts_orders", parts_orders.due),
    "parts_orders.prepaid": _by("parts_orders", parts_orders.prepaid),
    "parts_orders.statement": _by_calendar("parts_orders", parts_orders.statement),
    "parts_orders.gate": _by("parts_orders", needs.gate),
    "quality.answer": _by_calendar("quality", quality.answer),
    "quality.batch": _by("quality", quality.batch),
    "quality.recall": _by_calendar("quality", quality.recall),
    "quality.progress": _by("quality", quality.progress),
    "quality.gate": _by("quality", needs.gate),
    "approvals.who": _by("approvals", approvals.who),
    "appraisal.score": _by("appraisal", appraisal.score),
    "appraisal.awards": _by("appraisal", appraisal.awards),
    "appraisal.recheck": _by("appraisal", appraisal.recheck),
    "appraisal.staff": _by("appraisal", appraisal.staff),
    "appraisal.due": _by("appraisal", appraisal.due),
    "appraisal.discipline": _by("appraisal", appraisal.discipline),
    "appraisal.gate": _by("appraisal", needs.gate),
    "emergency.level": _by("emergency", emergency.level),
    "emergency.notify": _by("emergency", emergency.notify),
    "emergency.drill": _by("emergency", emergency.drill),
    "emergency.gate": _by("emergency", needs.gate),
    "personnel.training": _by("personnel", personnel.training),
    "personnel.assessment": _by("personnel", personnel.assessment),
    "personnel.result": _by("personnel", personnel.result),
    "personnel.certificate": _by("personnel", personnel.certificate),
    "personnel.gate": _by("personnel", needs.gate),
    "property_fees.building": _by("property_fees", property_fees.building),
    "property_fees.household": _by("property_fees", property_fees.household),
    "property_fees.premises": _by("property_fees", property_fees.premises),
    "property_fees.payer": _by("property_fees", property_fees.payer),
    "property_fees.equal": _by("property_fees", property_fees.equal),
    "subsidy.assessment": _by("subsidy", subsidy.assessment),
    "inspections.score": _by("inspections", inspections.score),
    "inspections.finding": _by("inspections", inspections.finding),
    "inspections.dress": _by("inspections", inspections.dress),
    "inspections.due": _by("inspections", inspections.due),
    "callbacks.plan": _callbacks,
    "callbacks.next": _after_try,
    "callbacks.spread": _calls_of_a_day,
    "callbacks.answer": _promised_answer,
    "callbacks.urgent": _urgent,
    "complaint.clock": _complaint_clock,
    "complaint.step": _complaint_step,
    "complaint.weight": _complaint_weight,
    "complaint.repeat": _complaint_repeat,
    "complaint.owner": _complaint_owner,
    "complaint.approval": _complaint_approval,
    "complaint.verdict": _complaint_verdict,
}

# Which answers are amounts: all of it (True) or these entries of it. Inside they are fen, in examples and on pages yuan.
AMOUNTS: dict[str, bool | tuple[str, ...]] = {
    "settlement.month": ("labour", "travel", "gross", "reduced", "deductions", "deducted", "refund", "net"),
    "settlement.sheet": ("labour", "travel", "deductions", "refund"),
    "finding.correction": ("fee", "deductions", "amount"),
    "charges.part_price_cap": True,
    "charges.labour": True,
    "charges.customer_labour": True,
    "workorder.quote": ("free", "goodwill", "charged"),
    "charges.travel": True,
    "custody.penalty": True,
    "returns.part": ("credit",),
    "returns.goods": ("credit",),
    "returns.panel": ("price",),
    "returns.forgery": ("fine",),
    "returns.false_reason": ("fine",),
    "parts_orders.prepaid": ("available", "left", "short"),
    "appraisal.awards": ("money",),
    "appraisal.recheck": ("fine",),
    "property_fees.household": ("owner", "tenant", "fund"),
    "property_fees.premises": ("owner", "user"),
    "subsidy.assessment": ("subsidy",),
}
