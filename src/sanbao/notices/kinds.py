"""Every kind of thing people are told, as one table: its words, what it must be given, how it goes out, who may see it.

The words are templates with {names}, filled by `wording.fill`: nothing but the declared parameters can stand in them.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

# How a parameter is written: as it stands, as a month, a day, a moment, yuan (given in fen), a number; a post of roles.py by its title;
# a text given in each language ({"zh": …, "en": …}).
TEXT, MONTH, DAY, MOMENT, MONEY, NUMBER = "text", "month", "day", "moment", "money", "number"
POST, BOTH = "post", "both"

PRODUCT = "product"
EMAIL = "email"
OWN = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `permission`: only who has it at the thing's place is shown the line (OWN: it is about the reader's own account).

    `anywhere`: the permission in any place will do, for what the whole company shares. `optional`: may be switched off and gathered in a
    daily mail. `urgent`: quiet hours do not hold it back. `page` is where it leads when its thing has no page for the reader.
    """

    code: str
    group: str
    label: Any
    subject: Any
    text: Any
    parameters: dict[str, str] = field(default_factory=dict)
    permission: str = OWN
    anywhere: bool = False
    channels: tuple[str, ...] = (PRODUCT,)
    optional: bool = True
    urgent: bool = False
    page: str = ""


GROUPS = {
    "intake": _("Service desk"),
    "outlets": _("People and outlets"),
    "workorders": _("Work orders"),
    "quality": _("Quality"),
    "callbacks": _("Callbacks"),
    "complaints": _("Complaints"),
    "settlements": _("Settlement"),
    "regulations": _("Rulebooks"),
    "documents": _("Regulations"),
    "hooks": _("Other systems"),
    "privacy": _("Personal data"),
    "accounts": _("Your account"),
}

_STATEMENTS = "settlements:statement:view"
_STATEMENT = {"statement": TEXT, "outlet": TEXT, "month": MONTH, "net": MONEY}
_FINDINGS, _FINDING = "settlements:finding:view", {"sheet": TEXT, "outlet": TEXT}
_SECURITY: dict[str, Any] = {"channels": (PRODUCT, EMAIL), "optional": False, "urgent": True}

_READING = {"campaign": TEXT, "day": DAY}
_REQUESTS = "intake:request:view"
_FORCES, _FORCE = "intake:force:view", {"force": TEXT, "last": DAY}
_ORDERS = "workorders:own:work"
_DISPATCH = "workorders:order:dispatch"
_ORDER = {"order": TEXT}
_CALLBACKS = "callbacks:callback:view"
_CALLBACK = {"callback": TEXT}
_PROMISE = {"request": TEXT, "promise": BOTH, "due": MOMENT}
_COMPLAINTS = "complaints:complaint:view"
_COMPLAINT = {"complaint": TEXT, "matter": BOTH}
_COMPLAINT_CLOCK = {"complaint": TEXT, "clock": BOTH, "due": MOMENT}
_MONEY_FOR = {"complaint": TEXT, "amount": MONEY}

_MEASURES, _MEASURE = "improvements:measure:view", {"measure": TEXT, "title": TEXT}

_TABLE = (
    Kind(
        "intake:warning", "intake", _("A promise runs out soon"),
        _("{request}: {promise} is due at {due}"),
        _("The {promise} promised for request {request} is due at {due}."),
        _PROMISE, _REQUESTS, urgent=True,
    ),
    Kind(
        "intake:missed", "intake", _("A promise was missed"),
        _("{request}: {promise} was due at {due}"),
        _("The {promise} promised for request {request} was due at {due} and is not done."),
        _PROMISE, _REQUESTS, channels=(PRODUCT, EMAIL), optional=False, urgent=True,
    ),
    Kind(
        "intake:given", "intake", _("A request was given to you"),
        _("{request} was given to you"),
        _("Request {request} was given to you by {who}."),
        {"request": TEXT, "who": TEXT}, _REQUESTS,
    ),
    Kind(
        "intake:mentioned", "intake", _("A colleague names you in a note"),
        _("{who} names you in a note on {request}"),
        _("{who} names you in an internal note on request {request}."),
        {"request": TEXT, "who": TEXT}, _REQUESTS,
    ),
    Kind(
        "intake:asked", "intake", _("Help is asked of you"),
        _("Help is asked of you for {request} until {due}"),
        _("{who} asks for your help with request {request} until {due}."),
        {"request": TEXT, "who": TEXT, "due": MOMENT}, _REQUESTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "intake:happened", "intake", _("Something happened to a request you follow"),
        _("{request}: {what}"),
        _("{who} on request {request}, which you follow: {what}."),
        {"request": TEXT, "who": TEXT, "what": BOTH}, _REQUESTS,
    ),
    Kind(
        "intake:digest", "intake", _("How the desk stands, every working morning"),
        _("The desk this morning: {open} open, {overdue} overdue"),
        _("{open} requests are open, {overdue} of them overdue; {today} run out today, {unassigned} lie with nobody."),
        {"open": NUMBER, "overdue": NUMBER, "today": NUMBER, "unassigned": NUMBER}, "intake:request:cancel", channels=(PRODUCT, EMAIL),
        page="intake:overview",
    ),
    Kind(
        "intake:force", "intake", _("You are in a task force"),
        _("You are in the task force “{force}”"),
        _("You are in the task force “{force}”, which works until {last}."),
        _FORCE, _FORCES, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "intake:force-due", "intake", _("The term of a task force is over"),
        _("The term of “{force}” is over"),
        _("The task force “{force}” was to end on {last}: write down what came of it, or give it a later last day."),
        _FORCE, _FORCES, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "intake:force-ended", "intake", _("A task force has ended"),
        _("The task force “{force}” has ended"),
        _("The task force “{force}” has ended; what came of it stands on its page."),
        _FORCE, _FORCES,
    ),
    Kind(
        "intake:summary", "intake", _("A month of service is summed up"),
        _("Service in {month}: {received} requests"),
        _("{received} requests came in, {solved} are solved; a promise was missed in {missed}, {reopened} were reopened."),
        {"month": MONTH, "received": NUMBER, "solved": NUMBER, "missed": NUMBER, "reopened": NUMBER}, "intake:request:cancel", channels=(PRODUCT, EMAIL),
        page="intake:months",
    ),
    Kind(
        "intake:time-open", "outlets", _("You have not said that you went home"),
        _("You are still on record as at work since {came}"),
        _("You are on record as at work since {came}. Say that you go when you leave; if you have left already, have the day written down for you."),
        {"came": MOMENT}, page="intake:times-mine",
    ),
    Kind(
        "intake:time-unended", "outlets", _("Somebody's day at work has no end"),
        _("{person} is on record as having come on {day}, not as having gone"),
        _("{person} came on {day} and did not say when they went. Ask them and write the day down."),
        {"person": TEXT, "day": DAY}, "intake:time:keep", page="intake:times",
    ),
    Kind(
        "backtests:done", "regulations", _("A back-test of yours is through"),
        _("{backtest} is through: {differing} of {records} differ"),
        _("The back-test {backtest} is through: {differing} of {records} decisions would be other ones."),
        {"backtest": TEXT, "records": NUMBER, "differing": NUMBER}, "backtests:backtest:view",
    ),
    Kind(
        "backtests:alarm", "regulations", _("A replay finds decisions or editions changed"),
        _("Replay: {differing} of {records} decisions come out otherwise, {broken} editions are changed"),
        _(
            "Decisions were asked again with their stored facts and editions: {differing} of {records} come out otherwise, and {broken} "
            "editions no longer say what they said. That must never be: tell whoever maintains the program."
        ),
        {"records": NUMBER, "differing": NUMBER, "broken": NUMBER}, "regulations:book:view", anywhere=True,
        channels=(PRODUCT, EMAIL), optional=False, urgent=True,
    ),
    Kind(
        "complaints:registered", "complaints", _("A complaint is registered and nobody answers for it yet"),
        _("{complaint}: a complaint about {matter}"),
        _("Complaint {complaint} about {matter} is registered. Give it to somebody responsible; the customer hears something within 24 hours."),
        _COMPLAINT, "complaints:complaint:assign",
    ),
    Kind(
        "complaints:critical", "complaints", _("A critical complaint"),
        _("{complaint} is critical: {matter}"),
        _("Complaint {complaint} about {matter} is graded critical."),
        _COMPLAINT, "complaints:analysis:view", channels=(PRODUCT, EMAIL), optional=False, urgent=True,
    ),
    Kind(
        "complaints:handed", "complaints", _("You answer for a complaint"),
        _("You answer for complaint {complaint}"),
        _("You answer for complaint {complaint} about {matter}: verify it within three working days."),
        _COMPLAINT, _COMPLAINTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "complaints:outlet", "complaints", _("Your outlet's account of a complaint is asked for"),
        _("Your account of complaint {complaint} is asked for"),
        _("Complaint {complaint} about {matter} concerns your outlet: write your account of the matter on its page."),
        _COMPLAINT, _COMPLAINTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "complaints:written", "complaints", _("A customer has written about a complaint"),
        _("The customer has written about {complaint}"),
        _("The customer has written about complaint {complaint}, {matter}."),
        _COMPLAINT, _COMPLAINTS,
    ),
    Kind(
        "complaints:done", "complaints", _("A complaint is done: tell the customer"),
        _("{complaint} is done: tell the customer"),
        _("The department has done its part of complaint {complaint} about {matter}. Tell the customer the result."),
        _COMPLAINT, "complaints:complaint:tell",
    ),
    Kind(
        "complaints:warning", "complaints", _("A complaint's clock runs out soon"),
        _("{complaint}: {clock} is due at {due}"),
        _("The {clock} of complaint {complaint} is due at {due}."),
        _COMPLAINT_CLOCK, _COMPLAINTS, urgent=True,
    ),
    Kind(
        "complaints:missed", "complaints", _("A complaint's clock has run out"),
        _("{complaint}: {clock} was due at {due}"),
        _("The {clock} of complaint {complaint} was due at {due} and is not done."),
        _COMPLAINT_CLOCK, _COMPLAINTS, channels=(PRODUCT, EMAIL), optional=False, urgent=True,
    ),
    Kind(
        "complaints:to-approve", "complaints", _("A compensation waits for approval"),
        _("{complaint}: {amount} yuan to approve"),
        _("A compensation of {amount} yuan for complaint {complaint} waits for approval."),
        _MONEY_FOR, "complaints:compensation:approve",
    ),
    Kind(
        "complaints:approved", "complaints", _("A compensation you proposed is approved"),
        _("{complaint}: {amount} yuan approved"),
        _("The compensation of {amount} yuan that you proposed for complaint {complaint} is approved."),
        _MONEY_FOR, _COMPLAINTS,
    ),
    Kind(
        "complaints:refused", "complaints", _("A compensation you proposed is refused"),
        _("{complaint}: {amount} yuan refused"),
        _("The compensation of {amount} yuan that you proposed for complaint {complaint} is refused; the reason stands on its page."),
        _MONEY_FOR, _COMPLAINTS,
    ),
    Kind(
        "complaints:to-pay", "complaints", _("A compensation is to be given"),
        _("{complaint}: {amount} yuan to give"),
        _("A compensation of {amount} yuan for complaint {complaint} is approved and to be given."),
        _MONEY_FOR, "complaints:compensation:pay",
    ),
    Kind(
        "complaints:report", "complaints", _("The month's report on complaints"),
        _("Complaints in {month}: {received}, {justified} justified"),
        _("{received} complaints came in, {justified} are justified; a clock was missed in {missed}. Compensation comes to {given} yuan."),
        {"month": MONTH, "received": NUMBER, "justified": NUMBER, "missed": NUMBER, "given": MONEY}, "complaints:analysis:view",
        channels=(PRODUCT, EMAIL), optional=False, page="complaints:analysis",
    ),
    Kind(
        "outlets:own-certificate", "outlets", _("A certificate of yours ends soon"),
        _("Your certificate “{certificate}” ends on {day}"),
        _("Your certificate “{certificate}” ends on {day}. Renew it in time: afterwards you are given no work that needs it."),
        {"certificate": BOTH, "day": DAY}, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "outlets:certificate", "outlets", _("Somebody's certificate ends soon"),
        _("The certificate “{certificate}” of {person} ends on {day}"),
        _("The certificate “{certificate}” of {person} ends on {day}. Afterwards {person} is given no work that needs it."),
        {"certificate": BOTH, "person": TEXT, "day": DAY}, "outlets:certificate:view", page="outlets:certificates",
    ),
    Kind(
        "callbacks:urgent", "callbacks", _("Something urgent was found in a callback"),
        _("Urgent from callback {callback}: {what}"),
        _("In callback {callback} the customer told of: {what}. Request {request} is registered; see to it now."),
        {"callback": TEXT, "what": BOTH, "request": TEXT}, _CALLBACKS, channels=(PRODUCT, EMAIL), optional=False, urgent=True,
    ),
    Kind(
        "callbacks:observed", "callbacks", _("Something wrong was found in a callback"),
        _("Callback {callback} found something wrong with {job}"),
        _("A caller reported in {callback} what is wrong with job {job}. Somebody else confirms it or not."),
        _CALLBACK | {"job": TEXT}, _CALLBACKS,
    ),
    Kind(
        "callbacks:promised", "callbacks", _("An answer was promised in your name"),
        _("{callback}: an answer is promised by {due}"),
        _("A customer was promised an answer in {callback} by {due}, and you are to give it."),
        _CALLBACK | {"due": MOMENT}, _CALLBACKS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "callbacks:answer-soon", "callbacks", _("A promised answer is due soon"),
        _("{callback}: the promised answer is due at {due}"),
        _("The answer promised to the customer in {callback} is due at {due}."),
        _CALLBACK | {"due": MOMENT}, _CALLBACKS, urgent=True,
    ),
    Kind(
        "callbacks:answer-overdue", "callbacks", _("A promised answer was not given"),
        _("{callback}: the answer was promised by {due}"),
        _("The answer promised to the customer in {callback} by {due} was not given; {who} was to give it."),
        _CALLBACK | {"due": MOMENT, "who": TEXT}, _CALLBACKS, channels=(PRODUCT, EMAIL), optional=False, urgent=True,
    ),
    Kind(
        "callbacks:day", "callbacks", _("Your callbacks of the day"),
        _("{count} callbacks today"),
        _("{count} callbacks were shared out to you today, the earliest due first."),
        {"count": NUMBER}, _CALLBACKS, page="callbacks:today",
    ),
    Kind(
        "workorders:given", "workorders", _("A work order was given to you"),
        _("{order}: you are expected at {first}"),
        _("Work order {order} was given to you; you are expected at {first}. Accept it, or say why not."),
        {"order": TEXT, "first": MOMENT}, _ORDERS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "workorders:called-off", "workorders", _("You need not go"),
        _("{order} was taken back"),
        _("Work order {order} was taken back from you; you need not go."),
        _ORDER, _ORDERS, channels=(PRODUCT, EMAIL), urgent=True, page="workorders:day",
    ),
    Kind(
        "workorders:refused", "workorders", _("An engineer says no"),
        _("{who} refuses {order}"),
        _("{who} refuses work order {order}; it waits to be dispatched again. The reason stands with it."),
        {"order": TEXT, "who": TEXT}, _DISPATCH,
    ),
    Kind(
        "workorders:incomplete", "workorders", _("Work ended incomplete"),
        _("{order} ended incomplete"),
        _("Work order {order} ended without the work being done, and nothing follows it yet."),
        _ORDER, _DISPATCH,
    ),
    Kind(
        "workorders:placed", "workorders", _("A work order for your outlet"),
        _("{order} is for your outlet"),
        _("Headquarters gave work order {order} to your outlet; dispatch it to an engineer."),
        _ORDER, _DISPATCH, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "workorders:handed-up", "workorders", _("An outlet hands a work order up"),
        _("{outlet} hands up {order}"),
        _("{outlet} hands work order {order} up to headquarters; the reason stands with it."),
        {"order": TEXT, "outlet": TEXT}, _DISPATCH,
    ),
    Kind(
        "workorders:wished", "workorders", _("A customer wishes for another time"),
        _("{order}: another time is wished for, {begin} at best"),
        _("The customer of work order {order} wishes for another time, {begin} at best. Say yes or no on the order's page."),
        {"order": TEXT, "begin": MOMENT}, _DISPATCH, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "workorders:asked-again", "workorders", _("A customer has work taken up again"),
        _("{order}: not right after all, says the customer"),
        _("The customer of work order {order} says that it is not right after all; it waits to be dispatched again. The reason stands with it."),
        _ORDER, _DISPATCH, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "workorders:agreed", "workorders", _("A customer has agreed to a plan"),
        _("{order}: the customer agrees to the plan"),
        _("The customer of work order {order} has agreed to plan and price, and signed. You can begin."),
        _ORDER, _ORDERS, channels=(PRODUCT, EMAIL), urgent=True,
    ),
    Kind(
        "workorders:declined", "workorders", _("A customer has declined a plan"),
        _("{order}: the customer declines the plan"),
        _("The customer of work order {order} has declined the plan; the reason stands with it. Do not begin."),
        _ORDER, _ORDERS, channels=(PRODUCT, EMAIL), urgent=True,
    ),
    Kind(
        "workorders:sent-back", "workorders", _("A customer does not accept the work yet"),
        _("{order}: not right yet, says the customer"),
        _("The customer of work order {order} does not accept the work yet; what is not right stands with it."),
        _ORDER, _ORDERS, channels=(PRODUCT, EMAIL), urgent=True,
    ),
    Kind(
        "surveys:low", "quality", _("A customer is not satisfied"),
        _("{stars} stars for {order}"),
        _("A customer gives {stars} stars for {order} ({where}). What was written stands with the answer; look into it."),
        {"stars": NUMBER, "order": TEXT, "where": TEXT}, "surveys:answer:view", channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "surveys:published", "quality", _("A result of a survey was published"),
        _("Published: {title}"),
        _("The result “{title}” was published: what our customers say, and what is adjusted."),
        {"title": TEXT}, "surveys:result:read", anywhere=True,
    ),
    Kind(
        "improvements:given", "quality", _("An improvement is in your charge"),
        _("{measure} “{title}” is in your charge until {due}"),
        _("The improvement {measure} “{title}” is in your charge until {due}. Say what was done on its page."),
        _MEASURE | {"due": DAY}, _MEASURES, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "improvements:due", "quality", _("An improvement is due soon"),
        _("{measure} “{title}” is due on {due}"),
        _("The improvement {measure} “{title}” in the charge of {who} is due on {due}."),
        _MEASURE | {"due": DAY, "who": TEXT}, _MEASURES, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "improvements:late", "quality", _("An improvement is overdue"),
        _("{measure} “{title}” was due on {due}"),
        _("The improvement {measure} “{title}” in the charge of {who} was due on {due} and is not done."),
        _MEASURE | {"due": DAY, "who": TEXT}, _MEASURES, channels=(PRODUCT, EMAIL), optional=False,
    ),
    Kind(
        "improvements:to-review", "quality", _("The effect of an improvement is to be reviewed"),
        _("{measure} “{title}”: did it help?"),
        _("The improvement {measure} “{title}” was done; look today whether it helped, by its figure."),
        _MEASURE, "improvements:measure:review", channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "improvements:again", "quality", _("An improvement did not help enough"),
        _("{measure} “{title}” goes on until {due}"),
        _("The improvement {measure} “{title}” did not help enough; it goes on, due on {due}. The review stands on its page."),
        _MEASURE | {"due": DAY}, _MEASURES, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "improvements:reviewed", "quality", _("The effect of an improvement was reviewed"),
        _("{measure} “{title}”: {verdict}"),
        _("The effect of the improvement {measure} “{title}” was reviewed: {verdict}."),
        _MEASURE | {"verdict": BOTH}, _MEASURES,
    ),
    Kind(
        "improvements:proposed", "quality", _("A colleague proposes an improvement"),
        _("{who} proposes: {title}"),
        _("{who} proposes the improvement {measure} “{title}”. Take it up, or say why not."),
        _MEASURE | {"who": TEXT}, "improvements:measure:open",
    ),
    Kind(
        "improvements:answered", "quality", _("Your proposal was decided on"),
        _("Your proposal {measure} “{title}”: {verdict}"),
        _("Your proposal {measure} “{title}” was decided on: {verdict}. The reason stands on its page."),
        _MEASURE | {"verdict": BOTH}, _MEASURES,
    ),
    Kind(
        "settlements:month-due", "settlements", _("Sheets are due soon"),
        _("The sheets of {month} are due on {day}"),
        _("The record sheets of {outlet} for {month} have not arrived. They are due by {day}; later ones are paid at a lower rate."),
        {"outlet": TEXT, "month": MONTH, "day": DAY}, _STATEMENTS, channels=(PRODUCT, EMAIL), page="settlements:hand-in",
    ),
    Kind(
        "settlements:finding", "settlements", _("A finding about a sheet"),
        _("A finding about sheet {sheet}"),
        _("Headquarters has confirmed a finding about sheet {sheet} of {outlet}. It can lower the month's statement. Look at the evidence; until when you may appeal stands with it."),
        _FINDING, "settlements:sheet:view", channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:finding-proposed", "settlements", _("A finding waits to be confirmed"),
        _("A finding about sheet {sheet} waits to be confirmed"),
        _("A finding about sheet {sheet} of {outlet} was registered. It costs nothing until a second person has confirmed it."),
        _FINDING, "settlements:finding:confirm",
    ),
    Kind(
        "settlements:finding-dropped", "settlements", _("A finding was dropped"),
        _("The finding about sheet {sheet} was dropped"),
        _("The finding about sheet {sheet} of {outlet} that you registered was dropped. The reason stands with it."),
        _FINDING, _FINDINGS,
    ),
    Kind(
        "settlements:finding-answered", "settlements", _("An outlet has answered a finding"),
        _("{outlet} has answered the finding about sheet {sheet}"),
        _("{outlet} has accepted or answered the finding about sheet {sheet}."),
        _FINDING, _FINDINGS,
    ),
    Kind(
        "settlements:finding-appealed", "settlements", _("An appeal waits for a decision"),
        _("{outlet} appeals: sheet {sheet}"),
        _("{outlet} appeals against the finding about sheet {sheet}. Somebody who has neither registered nor confirmed it decides."),
        _FINDING, "settlements:finding:decide", channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:appeal-granted", "settlements", _("An appeal was granted"),
        _("The appeal about sheet {sheet} was granted"),
        _("The appeal of {outlet} against the finding about sheet {sheet} was granted. What it changes and why stands with it."),
        _FINDING, _FINDINGS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:appeal-upheld", "settlements", _("An appeal was not granted"),
        _("The finding about sheet {sheet} stands"),
        _("The appeal of {outlet} against the finding about sheet {sheet} was not granted. The reasons stand with it."),
        _FINDING, _FINDINGS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:finding-redecided", "settlements", _("What a finding costs was decided anew"),
        _("The finding about sheet {sheet} was decided anew"),
        _("An earlier false panel claim of {outlet} stands no more, so the one about sheet {sheet} was decided anew. What it costs now, and until when you may appeal, stands with it."),
        _FINDING, _FINDINGS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:finding-withdrawn", "settlements", _("A finding was withdrawn"),
        _("The finding about sheet {sheet} was withdrawn"),
        _("Headquarters has withdrawn the finding about sheet {sheet} of {outlet}. It costs nothing."),
        _FINDING, "settlements:sheet:view",
    ),
    Kind(
        "settlements:recheck-due", "settlements", _("Improvement is to be looked at again"),
        _("Look again: sheet {sheet}"),
        _("{outlet} was ordered to improve by {day} (sheet {sheet}). Look whether it has, and register what you find."),
        {**_FINDING, "day": DAY}, "settlements:finding:register",
    ),
    Kind(
        "settlements:refund-due", "settlements", _("A customer's money is due"),
        _("Give the customer {amount} yuan back: sheet {sheet}"),
        _("{outlet} owes the customer of sheet {sheet} {amount} yuan, by {day}. Show a proof with the finding once the customer has the money."),
        {**_FINDING, "day": DAY, "amount": MONEY}, _FINDINGS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:refund-shown", "settlements", _("A refund was shown"),
        _("{outlet} shows the refund of sheet {sheet}"),
        _("{outlet} shows that the customer of sheet {sheet} has the money back. Look at the proof."),
        _FINDING, _FINDINGS,
    ),
    Kind(
        "settlements:sheet-withdrawn", "settlements", _("A sheet was taken back"),
        _("Sheet {sheet} was taken back"),
        _("Headquarters has taken back sheet {sheet} of {outlet} for {month}. It is not paid unless it is written anew."),
        {"sheet": TEXT, "outlet": TEXT, "month": MONTH}, "settlements:sheet:view",
    ),
    Kind(
        "settlements:reopened", "settlements", _("Settled work was reopened"),
        _("The work of sheet {sheet} was reopened"),
        _("The order of sheet {sheet} of {outlet} for {month} was reopened after the month was settled, or there are findings about it. Decide whether the statement is to be reversed."),
        {"sheet": TEXT, "outlet": TEXT, "month": MONTH}, "settlements:statement:make", channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:left-out", "settlements", _("Sheets without pay"),
        _("{void} sheets of {month} are void"),
        _("In statement {statement} of {outlet}, {void} sheets are void because required fields are empty. The statement lists them."),
        {"statement": TEXT, "outlet": TEXT, "month": MONTH, "void": NUMBER}, _STATEMENTS,
    ),
    Kind(
        "settlements:issued", "settlements", _("A statement was issued"),
        _("The statement of {month} is here: {net} yuan"),
        _("Statement {statement} of {outlet} for {month} comes to {net} yuan. Please confirm it, or ask where something is not right."),
        _STATEMENT, _STATEMENTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:to-check", "settlements", _("A statement waits to be checked"),
        _("Statement {statement} waits to be checked"),
        _("Statement {statement} of {outlet} for {month}, {net} yuan, was submitted."),
        _STATEMENT, _STATEMENTS,
    ),
    Kind(
        "settlements:to-approve", "settlements", _("A statement waits for approval"),
        _("Statement {statement} waits for approval"),
        _("Statement {statement} of {outlet} for {month}, {net} yuan, was checked."),
        _STATEMENT, _STATEMENTS,
    ),
    Kind(
        "settlements:to-pay", "settlements", _("A statement waits for payment"),
        _("Statement {statement} waits for payment"),
        _("Statement {statement} of {outlet} for {month}, {net} yuan, was approved."),
        _STATEMENT, _STATEMENTS,
    ),
    Kind(
        "settlements:returned", "settlements", _("A statement was sent back"),
        _("Statement {statement} was sent back"),
        _("Statement {statement} of {outlet} for {month} was sent back. The reason stands on it."),
        {"statement": TEXT, "outlet": TEXT, "month": MONTH}, _STATEMENTS,
    ),
    Kind(
        "settlements:approved", "settlements", _("A statement was approved"),
        _("The statement of {month} was approved"),
        _("Statement {statement} of {outlet} for {month}, {net} yuan, was approved and goes to finance."),
        _STATEMENT, _STATEMENTS,
    ),
    Kind(
        "settlements:paid", "settlements", _("A statement was paid"),
        _("{month} was paid: {paid} yuan"),
        _("Statement {statement} of {outlet} for {month} was paid: {paid} yuan."),
        {"statement": TEXT, "outlet": TEXT, "month": MONTH, "paid": MONEY}, _STATEMENTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:reversed", "settlements", _("A statement was reversed"),
        _("Statement {statement} was reversed"),
        _("Statement {statement} of {outlet} for {month} was reversed. The reason stands on it."),
        {"statement": TEXT, "outlet": TEXT, "month": MONTH}, _STATEMENTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:confirmed", "settlements", _("An outlet confirmed its statement"),
        _("{outlet} confirmed {month}"),
        _("{outlet} has confirmed statement {statement} for {month}."),
        {"statement": TEXT, "outlet": TEXT, "month": MONTH}, _STATEMENTS,
    ),
    Kind(
        "settlements:questioned", "settlements", _("An outlet questions its statement"),
        _("{outlet} questions {month}"),
        _("{outlet} has a question about statement {statement} for {month}. It waits for a reply."),
        {"statement": TEXT, "outlet": TEXT, "month": MONTH}, _STATEMENTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "settlements:replied", "settlements", _("A question was answered"),
        _("Your question about {month} was answered"),
        _("Headquarters has replied to the question about statement {statement} of {outlet} for {month}."),
        {"statement": TEXT, "outlet": TEXT, "month": MONTH}, _STATEMENTS, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "regulations:adopted", "regulations", _("A new edition of a rulebook"),
        _("New rules: {book} {edition}"),
        _("{company} decides by edition {edition} of the rulebook {book} from now on. What has been decided stays as it is."),
        {"book": BOTH, "edition": TEXT, "company": TEXT}, "regulations:book:view", anywhere=True,
    ),
    Kind(
        "documents:in-force", "documents", _("A regulation has come into force"),
        _("In force: {document} {version}"),
        _("The regulation {document}, version {version}, is in force since {day}."),
        {"document": TEXT, "version": TEXT, "day": DAY}, "documents:document:view", anywhere=True,
    ),
    Kind(
        "documents:review-due", "documents", _("A regulation is due for review"),
        _("{document} is to be reviewed by {day}"),
        _("The regulation {document} is to be looked over by {day}: confirm it, or make the next version."),
        {"document": TEXT, "day": DAY}, "documents:document:write", channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "documents:asked", "documents", _("You are asked to read a regulation"),
        _("To read by {day}: {campaign}"),
        _("You are asked to read and confirm “{campaign}” by {day}."),
        _READING, "documents:document:view", anywhere=True, channels=(PRODUCT, EMAIL), optional=False,
    ),
    Kind(
        "documents:reminded", "documents", _("A reading is due soon"),
        _("Due on {day}: {campaign}"),
        _("“{campaign}” still waits for you to read and confirm it. It is due on {day}."),
        _READING, "documents:document:view", anywhere=True, channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "documents:overdue", "documents", _("A reading is overdue"),
        _("Overdue since {day}: {campaign}"),
        _("“{campaign}” was to be read by {day} and is not confirmed. Some work may rest until it is."),
        _READING, "documents:document:view", anywhere=True, channels=(PRODUCT, EMAIL), optional=False,
    ),
    Kind(
        "regulations:submitted", "regulations", _("A draft of a rulebook waits for review"),
        _("{book} {edition}: “{title}” waits for your review"),
        _("{who} has submitted the draft “{title}”, edition {edition} of the rulebook {book}. Somebody else than its author reviews it."),
        {"book": BOTH, "edition": TEXT, "title": TEXT, "who": TEXT}, "regulations:draft:review",
    ),
    Kind(
        "regulations:approved", "regulations", _("A draft of a rulebook can be published"),
        _("{book} {edition}: “{title}” is approved"),
        _("The draft “{title}”, edition {edition} of the rulebook {book}, is approved by {who} and can be published."),
        {"book": BOTH, "edition": TEXT, "title": TEXT, "who": TEXT}, "regulations:draft:publish",
    ),
    Kind(
        "regulations:returned", "regulations", _("Your draft was sent back"),
        _("“{title}” was sent back to you"),
        _("{who} has sent back the draft “{title}”, edition {edition} of the rulebook {book}. The reason stands on its page."),
        {"book": BOTH, "edition": TEXT, "title": TEXT, "who": TEXT}, "regulations:book:view",
    ),
    Kind(
        "regulations:published", "regulations", _("An edition takes force on a day to come"),
        _("New rules from {day}: {book} {edition}"),
        _("Edition {edition} of the rulebook {book} (“{title}”) is published and takes force on {day}. Until then the edition before counts."),
        {"book": BOTH, "edition": TEXT, "title": TEXT, "day": DAY, "who": TEXT}, "regulations:book:view", anywhere=True,
    ),
    Kind(
        "regulations:recalled", "regulations", _("A published edition was recalled"),
        _("Recalled: {book} {edition}"),
        _("Edition {edition} of the rulebook {book} (“{title}”) was recalled before it took force."),
        {"book": BOTH, "edition": TEXT, "title": TEXT, "who": TEXT}, "regulations:book:view", anywhere=True,
    ),
    Kind(
        "regulations:proposed", "regulations", _("A change of the rules is proposed"),
        _("Proposed: {title}"),
        _("{who} proposes a change of the rules: {title}."),
        {"title": TEXT, "who": TEXT}, "regulations:proposal:decide",
    ),
    Kind(
        "regulations:accepted", "regulations", _("Your proposal was taken up"),
        _("Taken up: {title}"),
        _("Your proposal “{title}” was taken up: {words}"),
        {"title": TEXT, "words": TEXT}, "regulations:book:view", anywhere=True,
    ),
    Kind(
        "regulations:declined", "regulations", _("Your proposal was not taken up"),
        _("Not taken up: {title}"),
        _("Your proposal “{title}” was not taken up: {words}"),
        {"title": TEXT, "words": TEXT}, "regulations:book:view", anywhere=True,
    ),
    Kind(
        "regulations:effect", "regulations", _("What came of your proposal"),
        _("What came of it: {title}"),
        _("What came of your proposal “{title}”: {words}"),
        {"title": TEXT, "words": TEXT}, "regulations:book:view", anywhere=True,
    ),
    Kind(
        "hooks:stopped", "hooks", _("Calls to another system have stopped"),
        _("Calls to {name} have stopped"),
        _("{count} calls in a row to {name} were given up, so they have been paused. What happens meanwhile waits."),
        {"name": TEXT, "count": NUMBER}, "hooks:subscription:view", channels=(PRODUCT, EMAIL), optional=False,
    ),
    Kind(
        "privacy:asked", "privacy", _("An erasure waits for a second person"),
        _("Erasure request {number} waits for a second person"),
        _("Somebody has asked for personal data to be erased (request {number}). Another person than the asker must decide."),
        {"number": TEXT}, "privacy:request:handle", channels=(PRODUCT, EMAIL),
    ),
    Kind(
        "privacy:decided", "privacy", _("Your request was decided"),
        _("Request {number} was decided"),
        _("The request about personal data with number {number} has been decided. Tell the person who asked."),
        {"number": TEXT}, "privacy:request:handle",
    ),
    Kind(
        "privacy:copied", "privacy", _("A copy of personal data was made"),
        _("Copy {number} is ready"),
        _("A copy of somebody's personal data was made (request {number})."),
        {"number": TEXT}, "privacy:request:handle",
    ),
    Kind(
        "accounts:link", "accounts", _("Link to set a password"),
        _("Set your password for Sanbao"),
        _("{person}, with this link you set your password: {link}\nIt works once, until {until}. Your sign-in name is {username}. Hand it to nobody."),
        {"person": TEXT, "username": TEXT, "link": TEXT, "until": MOMENT}, channels=(EMAIL,), optional=False, urgent=True,
    ),
    Kind(
        "accounts:locked", "accounts", _("Too many failed sign-ins"),
        _("Too many failed sign-ins"),
        _("Somebody has tried to sign in as you, {person}, too often from {address}. If it was not you, tell your administrator."),
        {"person": TEXT, "address": TEXT}, **_SECURITY, page="accounts:sessions",
    ),
    Kind(
        "accounts:new-device", "accounts", _("Signed in on a new device"),
        _("A new sign-in: {device}"),
        _("You have signed in from a device or place that was not seen before: {device}, {address}, {moment}. If it was not you, end the session and change your password."),
        {"device": TEXT, "address": TEXT, "moment": MOMENT}, **_SECURITY, page="accounts:sessions",
    ),
    Kind(
        "accounts:password", "accounts", _("Your password was changed"),
        _("Your password was changed"),
        _("The password of {person} was changed on {moment}. If it was not you, tell your administrator at once."),
        {"person": TEXT, "moment": MOMENT}, **_SECURITY, page="accounts:security",
    ),
    Kind(
        "accounts:factor", "accounts", _("Your second factor was changed"),
        _("Your second factor was changed"),
        _("The second factors of {person} were changed on {moment}. If it was not you, tell your administrator at once."),
        {"person": TEXT, "moment": MOMENT}, **_SECURITY, page="accounts:security",
    ),
    Kind(
        "accounts:address", "accounts", _("Your address for messages was changed"),
        _("Your address for messages was changed"),
        _("Messages to {person} no longer come here: the address was changed on {moment}. If it was not you, tell your administrator at once."),
        {"person": TEXT, "moment": MOMENT}, **_SECURITY, page="notices:preferences",
    ),
    Kind(
        "accounts:token-made", "accounts", _("A key for the API was made"),
        _("A key was made: {name}"),
        _("A key for the API was made for you: {name}. If it was not you, revoke it."),
        {"name": TEXT}, **_SECURITY, page="accounts:tokens",
    ),
    Kind(
        "accounts:token-ends", "accounts", _("A key for the API is about to end"),
        _("The key {name} ends on {day}"),
        _("Your key for the API {name} ends on {day}. Make a new one in time, or the program that uses it stops."),
        {"name": TEXT, "day": DAY}, channels=(PRODUCT, EMAIL), page="accounts:tokens",
    ),
    Kind(
        "accounts:post-given", "accounts", _("You were given a post"),
        _("A new post: {post}"),
        _("{person}, you hold the post {post} from now on."),
        {"person": TEXT, "post": POST}, optional=False,
    ),
    Kind(
        "accounts:post-ended", "accounts", _("A post was taken away"),
        _("A post has ended: {post}"),
        _("{person}, you no longer hold the post {post} from {day} on."),
        {"person": TEXT, "post": POST, "day": DAY}, channels=(PRODUCT, EMAIL), optional=False,
    ),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.code: kind for kind in _TABLE}


def shown_kinds() -> list[Kind]:
    """The kinds that appear in the product; a link for one use never does."""
    return [kind for kind in _TABLE if PRODUCT in kind.channels]
