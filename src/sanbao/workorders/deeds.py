"""What an engineer does on the phone, as one table: each deed with its form and its operation. Pages and outbox do them alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from sanbao.accounts.access import Access
from sanbao.ui.refusal import Refusal, Stale
from sanbao.workorders import deed_forms as forms
from sanbao.workorders import operations
from sanbao.workorders.models import Order, Plan, Signature


@dataclass(frozen=True, slots=True)
class Time:
    """Who does it, the moment that counts, and what the phone's clock said where it was done without signal."""

    by: Access
    at: datetime
    device_at: datetime | None = None

    @property
    def now(self) -> dict[str, Any]:
        return {"by": self.by, "at": self.at}

    @property
    def both(self) -> dict[str, Any]:
        return self.now | {"device_at": self.device_at}


@dataclass(frozen=True, slots=True)
class Deed:
    form: type[forms.DeedForm]
    run: Callable[[Order, Any, Time], Any]


def _checks(order: Order, form: Any, time: Time) -> None:
    results, site = form.results(), form.site()
    if not results and not site:
        raise Refusal(_("Nothing is ticked yet."), code="empty")
    if results:
        operations.write_checks(order, results, **time.now)
    if site:
        told = {name: form.cleaned_data[name] for name in ("gas", "insists", "words", "name", "drawn")}
        operations.check_site(order, site, **told, **time.both)


def _photo(order: Order, form: Any, time: Time) -> None:
    file = form.cleaned_data["file"]
    operations.add_photo(order, file.read(), file.name, form.cleaned_data["purpose"], **time.now)


def _unit(order: Order, form: Any, time: Time) -> None:
    operations.identify(order, form.cleaned_data["serial"], **time.now)


def _plan(order: Order, form: Any, time: Time) -> None:
    said = form.cleaned_data
    told = {name: said[name] for name in ("cause", "content", "method", "steps", "minutes", "misuse", "km")}
    operations.draft_plan(order, lines=form.lines(), **told, **time.now)


def _the_plan(order: Order, number: int) -> Plan:
    """The plan that was on the screen; somebody may have written another one since."""
    plan = order.plans.filter(number=number).first()
    if plan is None or plan.state == Plan.State.SUPERSEDED:
        raise Stale(_("There is a later plan, or this one was answered already. Look at the order again."), code="plan")  # fmt: skip
    return plan  # type: ignore[no-any-return]


def _offer(order: Order, form: Any, time: Time) -> None:
    operations.offer_plan(_the_plan(order, form.cleaned_data["plan"]), **time.both)


def _answer(order: Order, form: Any, time: Time) -> None:
    said = form.cleaned_data
    plan = _the_plan(order, said["plan"])
    _refuse_other_price(plan, said["charged"])
    signature = _signed(order, Signature.Purpose.AGREEMENT, said, time) if said["answer"] == "yes" and said["drawn"] else None  # fmt: skip
    how = Plan.How.PHONE if signature is None and said["note"] else Plan.How.GLASS
    operations.answer_plan(
        plan, said["answer"] == "yes", how=how, name=said["name"], note=said["note"], signature=signature, **time.both
    )  # fmt: skip


def _telephone(order: Order, form: Any, time: Time) -> None:
    said = form.cleaned_data
    plan = _the_plan(order, said["plan"])
    _refuse_other_price(plan, said["charged"])
    operations.answer_plan(
        plan, said["answer"] == "yes", how=Plan.How.PHONE, name=said["name"], note=said["note"], called=said["called"], **time.both
    )  # fmt: skip


def _refuse_other_price(plan: Plan, charged: int) -> None:
    if plan.charged_fen != charged:
        raise Stale(_("The price is no longer the one that was shown to the customer. Show it again."), code="price")  # fmt: skip


def _part(order: Order, form: Any, time: Time) -> None:
    said = form.cleaned_data
    signature = _signed(order, Signature.Purpose.OLD_PARTS, said, time) if said["drawn"] else None
    operations.account_for(
        order, said["part"], said["fate"], quantity=said["quantity"], new_code=said["new_code"], old_code=said["old_code"],
        signature=signature, **time.now,
    )  # fmt: skip


def _accept_work(order: Order, form: Any, time: Time) -> None:
    said = form.cleaned_data
    purpose = Signature.Purpose.TRAINING if order.kind == "training" else Signature.Purpose.ACCEPTANCE
    signature = _signed(order, purpose, said, time) if said["drawn"] else None
    operations.accept_work(order, signature, rating=said["rating"], words=said["words"], **time.both)


def _signed(order: Order, purpose: str, said: dict[str, Any], time: Time) -> Signature:
    return operations.sign(order, purpose, said["name"] or order.contact, said["drawn"], **time.both)


DEEDS: dict[str, Deed] = {
    "accept": Deed(forms.DeedForm, lambda order, form, time: operations.accept(order, **time.now)),
    "refuse": Deed(forms.ReasonForm, lambda order, form, time: operations.refuse(order, form.cleaned_data["reason"], **time.now)),
    "arrive": Deed(forms.ArrivalForm, lambda order, form, time: operations.arrive(order, place=form.place(), **time.both)),
    "unit": Deed(forms.UnitForm, _unit),
    "checks": Deed(forms.ChecksForm, _checks),
    "photo": Deed(forms.PhotoForm, _photo),
    "plan": Deed(forms.PlanForm, _plan),
    "offer": Deed(forms.OfferForm, _offer),
    "answer_plan": Deed(forms.AnswerForm, _answer),
    "telephone": Deed(forms.TelephoneForm, _telephone),
    "part": Deed(forms.PartForm, _part),
    "hold": Deed(forms.HoldForm, lambda order, form, time: operations.hold(order, form.cleaned_data["waiting_for"], form.cleaned_data["text"], **time.now)),
    "resume": Deed(forms.DeedForm, lambda order, form, time: operations.resume(order, **time.now)),
    "step": Deed(forms.WordsDeedForm, lambda order, form, time: operations.do_step(order, form.cleaned_data["code"], form.cleaned_data["words"], **time.both)),
    "complete": Deed(forms.CompletionForm, lambda order, form, time: operations.complete(order, **form.cleaned_data, **time.both)),
    "sign": Deed(forms.SignForm, lambda order, form, time: operations.sign(order, form.cleaned_data["purpose"], form.cleaned_data["name"], form.cleaned_data["drawn"], **time.both)),
    "accept_work": Deed(forms.AcceptanceForm, _accept_work),
    "refuse_site": Deed(forms.MeasuresForm, lambda order, form, time: operations.refuse_site(order, form.cleaned_data["measures"], danger=form.cleaned_data["danger"], **time.now)),
    "incomplete": Deed(forms.IncompleteForm, lambda order, form, time: operations.end_incomplete(order, form.cleaned_data["reason"], again=form.cleaned_data["again"], **time.now)),
}  # fmt: skip

WORDS = {
    "accept": __("Accept the job"), "refuse": __("Refuse the job"), "arrive": __("I have arrived"), "unit": __("Appliance and warranty"),
    "checks": __("Check list"), "photo": __("Take a photograph"), "plan": __("Write the plan"), "offer": __("Show plan and price to the customer"),
    "answer_plan": __("The customer's answer"), "telephone": __("Answered by telephone"), "part": __("Part used, old part"), "hold": __("Wait for something"), "resume": __("Go on with the work"),
    "step": __("Questions and answers"), "complete": __("The work is done"), "sign": __("Another signature"), "accept_work": __("Accepted by the customer"),
    "refuse_site": __("Refuse the installation"), "incomplete": __("End the visit incomplete"),
}  # fmt: skip


def do(order: Order, name: str, data: Any, files: Any, time: Time) -> None:
    """Do one deed as it was typed. Refused where the form can't be read, with the field's own sentence, or by the operation."""
    deed = DEEDS[name]
    form = deed.form(order, data, files)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        label = form.fields[field].label if field in form.fields and form.fields[field].label else ""
        raise Refusal(f"{label}: {errors[0]}" if label else errors[0], field=field, code="form")
    deed.run(order, form, time)
