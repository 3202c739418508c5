"""《改进措施表》: one measure with its tries and reviews as a controlled form (RW-8)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sanbao.accounts.access import Access
from sanbao.improvements.models import Measure, SourceKind, Verdict
from sanbao.products.facts import categories
from sanbao.ui.printing import ControlledForm, Signature, day, moment, pdf, words

TEMPLATE = "improvement-measure"
NUMBER, VERSION, ISSUED = "SB-GJ-01", "A/0", date(2026, 12, 1)


def measure_pdf(measure: Measure, *, by: Access, at: datetime, said: str) -> bytes:
    """The sheet as PDF, in the reader's language. It names colleagues and no customer."""
    return pdf(TEMPLATE, printed(measure, by=by, at=at, said=said), said)


def printed(measure: Measure, *, by: Access, at: datetime, said: str) -> dict[str, Any]:
    """The sheet as the form shows it: every value a finished text."""
    reviews = list(measure.reviews.select_related("done_by", "by").order_by("round"))
    told = words(TEMPLATE, said)
    tries = [
        {"round": str(one.round), "done_at": moment(one.done_at), "done_by": one.done_by.name, "note": one.done_note,
         "verdict": one.verdict, "figure": one.figure, "before": _figure(one.before), "after": _figure(one.after),
         "words": one.words, "reviewed_at": moment(one.at), "reviewed_by": one.by.name}
        for one in reviews
    ]  # fmt: skip
    if measure.done_at is not None and not any(one.round == measure.round for one in reviews):
        tries.append(
            {"round": str(measure.round), "done_at": moment(measure.done_at), "done_by": measure.done_by.name if measure.done_by else "",
             "note": measure.done_note, "verdict": "", "figure": measure.figure, "before": _figure(measure.figure_before), "after": "",
             "words": "", "reviewed_at": "", "reviewed_by": ""}
        )  # fmt: skip
    last = reviews[-1] if reviews else None
    form = ControlledForm(
        NUMBER, VERSION, ISSUED,
        Signature(measure.opened_by.name, measure.opened_at.date()),
        Signature(last.by.name, last.at.date()) if last else Signature(),
    )  # fmt: skip
    products = dict(categories(measure.company_id, measure.opened_at.date(), "en" if said == "en" else "zh"))
    return {
        "company": measure.company.name,
        "hotline": measure.company.hotline,
        "form": form.as_words(),
        "running": measure.number,
        "mark": "",
        "blank": False,
        "masked": False,
        "code": "",
        "printed_at": moment(at),
        "printed_by": f"{by.name} {by.request}".strip(),
        "measure": {
            "number": measure.number,
            "title": measure.title,
            "state": told["states"][measure.state],
            "source": f"{told['sources'][SourceKind(measure.source_kind)]} {measure.source_label}".strip(),
            "outlet": f"{measure.outlet.code} {measure.outlet.name}"
            if measure.outlet
            else told["everywhere"],
            "product": products.get(measure.product_line, measure.product_line),
            "opened": f"{measure.opened_by.name} {moment(measure.opened_at)}",
            "owner": measure.owner.name if measure.owner else "",
            "due_on": day(measure.due_on),
            "review_on": day(measure.review_on),
            "problem": measure.problem,
            "cause": measure.cause,
            "remedy": measure.remedy,
            "figure": measure.figure,
            "before": _figure(measure.figure_before),
            "target": _figure(measure.figure_target),
            "reason": measure.reason,
            "tries": tries,
            "verdicts": list(Verdict.values),
        },
    }


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
