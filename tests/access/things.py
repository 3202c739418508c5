"""For every URL that takes arguments or a body: an object of outlet GZ001 (or of the company), and where it lies.

A URL with arguments that nobody has given an object for fails in test_matrix.py, so the matrix grows with the product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Person, Session, Token
from sanbao.backtests import operations as backtests
from sanbao.backtests import running
from sanbao.backtests.models import BackTest
from sanbao.callbacks import operations as callbacks
from sanbao.callbacks.models import Callback
from sanbao.complaints import operations as complaints
from sanbao.complaints.permissions import May as Complain
from sanbao.customers import merging
from sanbao.customers import operations as customers
from sanbao.documents import operations as documents
from sanbao.documents.permissions import May as Rules
from sanbao.files import operations as files
from sanbao.hooks import operations as hooks
from sanbao.imports import operations as imports
from sanbao.imports.kinds import KINDS
from sanbao.imports.models import Import
from sanbao.improvements import operations as improvements
from sanbao.intake import operations as intake
from sanbao.intake.models import Category, Team
from sanbao.intake.permissions import May as Desk
from sanbao.knowledge import operations as knowledge
from sanbao.knowledge.permissions import May as Know
from sanbao.ledger.models import Account, Entry
from sanbao.notices import operations as notices
from sanbao.notices.models import Incoming, Notice
from sanbao.notices.telling import tell
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Posting
from sanbao.outlets.queries import access_of
from sanbao.portal.operations import door
from sanbao.privacy.models import Request
from sanbao.products import operations as products
from sanbao.products import registering
from sanbao.products.models import Model
from sanbao.regulations import drafting, proposals
from sanbao.regulations.models import Draft, Edition
from sanbao.regulations.operations import pin
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.settlements import operations
from sanbao.settlements.models import Hint
from sanbao.settlements.permissions import May
from sanbao.surveys import links as survey_links
from sanbao.surveys import operations as surveys
from sanbao.views import operations as views
from sanbao.workorders import appointments
from sanbao.workorders import operations as orders
from sanbao.workorders.models import Order
from sanbao.workorders.operations import outbox
from sanbao.workorders.permissions import May as Orders
from tests.access.world import (
    COMPANY,
    EACH_HEADQUARTERS,
    EVERYBODY,
    HEADQUARTERS,
    OWN_OUTLET,
    VISITOR,
    WHOLE_COMPANY,
    Actor,
    World,
)
from tests.cast import APRIL, NOW, Cast
from tests.modules.complaints import file as complaint_file
from tests.modules.documents import make as regulations
from tests.modules.surveys import polls
from tests.modules.workorders import crew
from tests.months import row, xlsx

GONE = 987_654_321
MARCH, FEBRUARY = APRIL.replace(month=3), APRIL.replace(month=2)
GOOD = (200, 302, 303)
CLERK = Actor("settlement-clerk", HEADQUARTERS)
LEAD = Actor("supervisor", HEADQUARTERS)
FITTER = Actor("engineer", OWN_OUTLET)  # has a job of one's own


@dataclass(frozen=True)
class Thing:
    """One way to ask a URL.

    `place`: where what it names lies (world.py), or the one actor it belongs to. `body` makes a POST's fields; `missing` is how
    somebody on the right post but in the wrong place is refused: 404 where the address names the thing, 422 where a form does, as
    for one that does not exist. `done` is what the write answers to those it is for. `also`: a further permission that the address
    itself asks for, as the moves of a statement do. `read`: what reading answers where that is not 200.
    """

    arguments: tuple[Any, ...] = ()
    place: str | Actor = EVERYBODY
    body: Callable[[], dict[str, Any]] = dict
    missing: int = 404
    done: tuple[int, ...] = GOOD
    also: str = ""
    json: bool = False
    read: tuple[int, ...] = ()

    def gone(self) -> tuple[Any, ...]:
        """The same arguments, but of something that is not there."""
        return tuple(GONE if isinstance(argument, int) else argument for argument in self.arguments)


def _file(number: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("march.xlsx", xlsx([row(单号=number)]))


def _tried(cast: Cast) -> BackTest:
    """A finished back-test with one difference: the settled month, were sheets in time paid by half."""
    base = rulebook(edition_in_force(cast.company.pk, "settlement"))
    rule = base.value("rate_in_time", APRIL)
    book = base.with_values("tried", {"rate_in_time": [(APRIL, Decimal("0.5"), rule.clause)]})
    edition = pin(book, at=NOW, company_id=cast.company.pk)
    head = cast.access("head")
    begun = backtests.begin(backtests.Candidate.of_edition(edition, cast.company.pk), APRIL, APRIL, ["settlements"], by=head, at=NOW)  # fmt: skip
    return running.run(begun, by=head, at=lambda: NOW)


def make_things(world: World) -> dict[str, Thing]:
    """The objects, by the URL's name; those of a URL that is both read and written serve for both."""
    cast = world.mine
    admin, owner = cast.access("admin"), cast.access("owner-GZ001")
    outlet, region = cast.outlets["GZ001"], cast.regions["华东"]
    sheet = cast.sheet(number="A-1")
    operations.register_finding(sheet, "late_service", by=cast.access("callbacks"), at=NOW)
    cast.received()
    statement = cast.statement(upto="submitted")
    question = operations.answer(statement, "question", note="?", by=owner, at=NOW)
    loose = cast.sheet(month=MARCH, number="M-1")  # of a month that is open
    doubted = cast.sheet(month=MARCH, number="M-2")
    finding = cast.found(doubted, "overcharge", refund_fen=100)
    ordered = cast.found(
        doubted, "ordered", evidence=[files.keep(b"x", "x.pdf", by=cast.access("callbacks"), at=NOW)]
    )
    paid_back = cast.found(cast.sheet(month=MARCH, number="M-4"), "overcharge", refund_fen=100)
    operations.show_refund(paid_back, NOW.date(), ["x"], by=owner, at=NOW)
    smell = Hint.objects.create(
        company=cast.company, outlet=outlet, sheet=doubted, kind="short", told={"minutes": 3}, found_at=NOW
    )
    hand_in = operations.read_hand_in(outlet, MARCH, xlsx([row(单号="M-3")]), "march.xlsx", by=owner, at=NOW)
    part = products.keep_part("P-1", "电机", 9999, by=admin, at=NOW)
    model = Model.objects.filter(company=cast.company).earliest("id")
    clerk = world.people[str(CLERK)]
    former = Person.objects.create_person("left", "离职")
    post = outlets.appoint(former, "callback-clerk", by=admin, at=NOW)
    outlets.dismiss(post, on=NOW.date(), by=admin, at=NOW)
    asked = Request.objects.create(  # made by hand: nothing here is old enough to be erased
        company=cast.company, kind="erase", phone="13800005678", shown="138****5678", reason="asked by letter",
        asked_at=NOW, asked_by=cast.people["supervisor"],
    )  # fmt: skip
    token, _secret = Token.make(clerk, cast.company, "t", at=NOW, expires_at=NOW + timedelta(days=999))
    world.fresh_client(CLERK)
    session = Session.objects.filter(person=clerk).latest("id")
    payable = Account.objects.get(code="outlet-accrued", outlet_id=outlet.pk)
    entry = Entry.objects.filter(company=cast.company).latest("id")
    posting = Posting.objects.filter(company=cast.company, outlet=outlet).earliest("id")
    edition = Edition.objects.filter(book="charges").earliest("id")
    dead = notices.send("wang@example.com", "Paid", "x", key="t-1", about=outlet, by=admin, at=NOW)
    type(dead).objects.filter(pk=dead.pk).update(state="dead", ended_at=NOW)
    came = Incoming.objects.create(
        company=cast.company, channel="sms", external_id="r-1", payload={"id": "r-1"}, received_at=NOW, due_at=NOW,
        state="failed", ended_at=NOW,
    )  # fmt: skip
    tell([clerk], "accounts:post-given", about=clerk, by=admin, at=NOW, person=clerk.name, post="x")
    notice = Notice.objects.filter(person=clerk).latest("id")
    today = timezone.localdate().isoformat()
    article_form = {"kind": "solution", "title": "t", "answer": "a"}
    written = knowledge.draft(article_form, by=admin, at=NOW)
    told = knowledge.draft(article_form | {"public": True}, by=admin, at=NOW)
    kept = knowledge.attach(written, b"x", "x.pdf", by=admin, at=NOW)
    shown = knowledge.attach(told, b"x", "x.pdf", by=admin, at=NOW)
    knowledge.move(told, "review", version=None, by=cast.access("head"), at=NOW)
    knowledge.move(told, "publication", version=None, by=cast.access("head"), at=NOW)
    in_force = regulations.regulation(cast, number="R-1", upto="draft")
    enclosed = documents.attach(in_force, b"x", "x.pdf", by=admin, at=NOW)
    in_force = regulations.moved(cast, in_force, "in_force")
    drafted = regulations.regulation(cast, number="R-2", upto="draft")
    drawing = documents.attach(drafted, b"x", "x.pdf", by=admin, at=NOW)
    head_form = regulations.HEAD | {
        "number": "R-9",
        "issued_on": today,
        "effective_on": today,
        "review_on": "",
    }
    clause = drafted.clauses.earliest("position")
    due = timezone.localdate() + timedelta(days=10)
    asking = regulations.campaign(cast, in_force, begun=False, due_on=due)
    quiz = documents.add_question(asking, "q", ["a", "b"], 0, by=admin, at=NOW)
    running = regulations.campaign(cast, in_force, posts=[], due_on=due)
    campaign_form = {
        "about": f"version:{in_force.pk}",
        "kind": "reading",
        "title": "c",
        "due_on": due.isoformat(),
        "remind_days": "3",
        "late_days": "7",
    }
    phrase = knowledge.keep_phrase("p", "t", "x", by=admin, at=NOW)
    desk = cast.access("supervisor")
    lead = cast.people["owner-GZ001"]
    bettered = {
        name: improvements.open_measure(
            "t", "p", "c", source_kind="other", outlet=outlet, owner=lead, due_on=date(2099, 1, 1), by=desk, at=NOW
        )
        for name in ("open", "finished", "dropped", "filed")
    }  # fmt: skip
    improvements.finish(bettered["finished"], "x", attached=[(b"x", "x.pdf")], by=owner, at=NOW)
    evidence = bettered["finished"].attachments.get()
    improved = [improvements.propose("t", "p", outlet=outlet, by=owner, at=NOW) for _n in range(2)]
    measure_form = {
        "title": "t",
        "problem": "p",
        "source_kind": "other",
        "outlet": outlet.pk,
        "owner": lead.pk,
        "due_on": "2099-01-01",
    }
    polled = polls.questionnaire(cast)
    poll_second = surveys.begin_version(polled.questionnaire, by=desk, at=NOW)
    poll_extra = surveys.keep_question(
        poll_second, None, code="x", kind="text", text_zh="x", text_en="x", by=desk, at=NOW
    )
    poll_periodic = polls.questionnaire(cast, "campaign", name="c")
    poll_low, poll_other = (polls.answered(cast, 1) for _n in range(2))
    poll_invited = polls.planned(cast)
    survey_form = {
        "name": "s",
        "version": poll_periodic.pk,
        "first_day": today,
        "last_day": today,
        "size": 1,
        "seed": "s",
    }
    drafted_survey, running_survey = (
        surveys.keep_campaign(
            None, name="s", version=poll_periodic, first_day=NOW.date(), last_day=NOW.date(), size=1, seed="s", by=desk, at=NOW
        )
        for _n in range(2)
    )  # fmt: skip
    type(running_survey).objects.filter(pk=running_survey.pk).update(
        state="running", begun_at=NOW, begun_by=cast.people["head"]
    )
    for _n in range(5):
        polls.answered(cast, 5)
    poll_told_all = surveys.publish_result(
        "r", first_day=NOW.date(), last_day=NOW.date(), by=cast.access("head"), at=NOW
    )
    poll_head = {"title_zh": "x", "title_en": "x"}
    poll_ask_form = {"code": "y", "kind": "text", "text_zh": "x", "text_en": "x"}
    poll_paper_form = {"outlet": outlet.pk, "q-overall": "5"}
    known = customers.register(
        "李四", phone="13600001111", address="中山路2号", outlet=outlet, by=desk, at=NOW
    )
    twin = customers.register("李四", phone="13600001111", by=desk, at=NOW)
    third = customers.register("李四光", phone="13600002222", by=desk, at=NOW)
    unit = products.register_unit("U-0001", model, customer=known, proof=files.keep(b"x", "x.pdf", by=desk, at=NOW), by=desk, at=NOW)  # fmt: skip
    registered = registering.register(
        registering.Told("U-0001", NOW.date(), "store", "李四", "13600001111", proof=files.keep(b"x", "x.pdf", by=desk, at=NOW)), by=desk, at=NOW
    )  # fmt: skip
    merged = merging.merge(third, known, by=desk, at=timezone.now())
    reached = known.contacts.filter(preferred=True).get()
    agreed = customers.give_consent(known, "survey", "x", by=desk, at=NOW)
    brought = imports.read_file(
        KINDS["customers"], xlsx([["赵六", "13600005555"]], ["姓名", "电话"]), "c.xlsx", by=desk, at=NOW
    )
    coming_in = imports.read_file(
        KINDS["customers"], xlsx([["钱七", "13600006666"]], ["姓名", "电话"]), "d.xlsx", by=desk, at=NOW
    )
    Import.objects.filter(pk=coming_in.pk).update(state=Import.State.WAITING)
    agent, letter = cast.access("agent"), files.keep(b"letter", "letter.txt", by=cast.access("agent"), at=NOW)
    asked_for = intake.assign(cast.request(), outlet=outlet, version=None, by=agent, at=NOW)
    intake.note(asked_for, "x", files=[letter], by=agent, at=NOW)
    force = intake.keep_force(
        None, name="f", goal="g", leader=cast.people["head"], members=[], first_day=NOW.date(), last_day=NOW.date(), by=cast.access("head"), at=NOW
    )  # fmt: skip
    linked = cast.request(subject="linked")
    intake.link(force, linked, by=cast.access("head"), at=NOW)
    joined = intake.merge(cast.request(), cast.request(), by=agent, at=timezone.now())
    team = Team.objects.get(company=cast.company, code="support")
    task = intake.ask_for_help(
        asked_for, "x", team=team, owner=None, due_at=NOW + timedelta(days=1), by=agent, at=NOW
    )
    licence = outlets.keep_certificate(
        cast.people["owner-GZ001"], "gas", "G-1", issued_on=NOW.date(), file=files.keep(b"x", "g.pdf", by=admin, at=NOW), by=admin, at=NOW
    )  # fmt: skip
    noise = Category.objects.get(company=cast.company, code="repair-noise")
    member = intake.keep_member(team, cast.people["support"], by=admin, at=NOW)
    rule = intake.keep_rule(
        None,
        {"name": "r", "team": team, "position": 1, "category": noise, "area": "nowhere"},
        by=admin,
        at=NOW,
    )
    pledge = intake.keep_pledge(
        {"source": "s", "promise": "resolution", "length": 9, "unit": "workdays", "since": NOW.date()},
        by=admin,
        at=NOW,
    )
    duty = intake.keep_duty(None, day=NOW.date(), opens=None, closes=None, by=admin, at=NOW)
    absence = intake.keep_absence(cast.people["finance"], NOW.date(), NOW.date(), by=admin, at=NOW)
    engineers = {name: crew.engineer(cast, name) for name in ("goes", "stays")}
    job = crew.order(cast)
    under_way = crew.dispatched(cast, crew.order(cast), engineers["goes"])
    crew.photo(cast, under_way, "plate", crew.own(cast, "goes"), NOW)
    taken = under_way.photos.get()
    fits = engineers["stays"]
    if fitter := world.people.get(str(FITTER)):  # a small world has nobody on that post
        fits = orders.keep_engineer(None, {"person": fitter, "outlet": outlet, "minutes": 480, "skills": crew.SKILLS}, by=admin, at=NOW)  # fmt: skip
    own, fitters = crew.dispatched(cast, crew.order(cast), fits), access_of(fits.person, NOW.date())
    crew.photo(cast, own, "plate", fitters, NOW)
    stuck = outbox.take_in(
        outbox.Entry("key-of-a-phone", own.pk, "resume", {}, NOW), outbox.Sent("t", NOW, NOW), by=fitters
    )["action"]
    phone_entry = {
        "key": "key-of-the-phone",
        "order": own.pk,
        "name": "accept",
        "payload": {},
        "device_at": "2026-05-20T10:00:00+08:00",
    }
    wished = orders.wish(
        under_way, appointments.windows(under_way, NOW)[:1], "", by=door(cast.company), at=NOW
    )
    agreed_on = crew.dispatched(
        cast, crew.order(cast, phone="13800007777"), engineers["goes"], NOW + timedelta(hours=5)
    )
    crew.planned(cast, agreed_on, cast.access("agent"), NOW)
    fitted = orders.account_for(under_way, part, "none", by=cast.access("agent"), at=NOW)
    gripe = complaint_file.handed(cast, outlet="GZ001", orders=[job])
    wronged = complaints.propose(gripe, "refund", 10_000, "x", by=cast.access("support"), at=NOW)
    taken_up = complaints.keep_case(
        gripe, None, {"authority": "12315", "reference": "1", "lodged_at": NOW}, by=cast.access("supervisor"), at=NOW
    )  # fmt: skip
    account = files.keep(b"x", "x.txt", by=agent, at=NOW)
    complaints.report(gripe, "x", files=[account], by=agent, at=NOW)
    gripe_form = {
        "kind": "service",
        "harm": "trouble",
        "subject": "x",
        "phone": "13800005678",
        "channel": "phone",
    }
    verdict_form = {
        "verdict": "unjustified",
        "finding": "x",
        "cause": "misuse",
        "text": "x",
        "routes": "court",
    }
    plan_form = {
        "do": "save", "cause": "x", "content": "x", "minutes": 10, "l-TOTAL_FORMS": 1, "l-INITIAL_FORMS": 0, "l-0-what": "travel",
    }  # fmt: skip
    job_form = {
        "kind": "repair", "mode": "on_site", "fault": "x", "phone": "13800005678", "address": "中山路1号", "outlet": outlet.pk,
    }  # fmt: skip
    keeping = Access(cast.people["admin"].pk, cast.company.pk, (Grant("regulation-keeper"),), name="admin")
    draft_edition = drafting.begin("settlement", title="逾期比例", edition="2026.70", by=keeping, at=NOW)
    draft_change = drafting.change(
        draft_edition, "rate_late", "add", date(2099, 1, 1), 1, "appliance KA-11.1", by=keeping, at=NOW
    )
    draft_example = drafting.add_example(draft_edition, "例", "settlement.rate", {}, None, by=keeping, at=NOW)
    proposal = proposals.propose("放宽", "理由", clause="KA-11.1", by=keeping, at=NOW)
    off = orders.keep_absence(engineers["stays"], date(2099, 3, 1), date(2099, 3, 2), by=admin, at=NOW)
    noisy = orders.keep_fault(None, {"code": "N1", "name": "异响"}, by=admin, at=NOW)
    line = orders.keep_check(None, {"kind": "repair", "text": "试机"}, by=admin, at=NOW)
    fault_form, line_form = {"code": "N2", "name": "n"}, {"kind": "repair", "text": "t", "answer": "yes"}
    person_form = {"person": cast.people["outlet-clerk"].pk, "outlet": outlet.pk, "minutes": 480}
    send_form = {"engineer": engineers["stays"].pk, "first": "2099-01-05T09:00", "last": "2099-01-05T11:00"}
    class_form = {
        "code": "new",
        "name": "n",
        "kind": "repair",
        "nature": "fault",
        "position": 1,
        "parent": noise.parent_id,
    }
    rule_form = {"position": 1, "name": "r", "team": team.pk, "mode": "queue"}
    calls = {row.plan.sheet: row for row in Callback.objects.filter(outlet=outlet).select_related("plan")}
    caller, to_call, doubtful = cast.access("callbacks"), calls[loose.pk], calls[doubted.pk]
    seen = callbacks.observe(
        doubtful,
        "forged",
        "x",
        files=[files.keep(b"proof", "proof.txt", by=caller, at=NOW)],
        by=caller,
        at=NOW,
    )
    owed = callbacks.promise_answer(
        doubtful, "x", timezone.now() + timedelta(days=9), cast.people["callbacks"], by=caller, at=NOW
    )
    callbacks.found_scripts(by=desk, at=NOW)
    callback_form = {
        "kind": "proactive",
        "outlet": outlet.pk,
        "phone": "13800005678",
        "due_on": today,
        "reason": "x",
    }
    script_form = {"opening": "x", "closing": "x", "q_satisfaction": "x"}
    view = views.save(
        "settlements:statements", "v", {"tab": ["draft"]}, by=access_of(clerk, NOW.date()), at=NOW
    )
    view_form = {"list": "settlements:statements", "path": "/settlements/", "name": "x", "cut": "tab=draft"}
    hook, _hidden = hooks.subscribe("ERP", "https://example.com/", ["unit.registered"], by=admin, at=NOW)
    called = hooks.ping(hook, by=admin, at=NOW)
    hook_form = {"name": "CRM", "url": "https://example.com/", "kinds": ["unit.registered"]}
    outlet_form = {"region": region.pk, "code": "GZ009", "name": "新网点"}
    month = {"outlet": outlet.pk, "month": "2026-03"}
    sheet_form = {**month, "number": "M-9", "void": "on"}
    tried = _tried(cast)
    waiting = backtests.begin(None, APRIL, APRIL, by=cast.access("head"), at=NOW)
    tried_form = {"against": "own", "first_month": "2026-04", "last_month": "2026-05"}
    read = {name: Thing((statement.pk,), "GZ001") for name in
            ("statement", "statement-why", "statement-pdf", "statement-xlsx")}  # fmt: skip
    of_hand_in = {name: Thing((hand_in.pk,), "GZ001") for name in
                  ("hand-in-report", "hand-in-take-over", "hand-in-drop")}  # fmt: skip

    def check(version: int = 2) -> dict[str, Any]:
        return {"version": version, "reason": "x"}

    return {
        "accounts:company": Thing(place=COMPANY, body=lambda: {"company": cast.company.pk}),
        "accounts:tokens": Thing(body=lambda: {"name": "key", "days": 3, "scopes": "read"}),
        "accounts:revoke-token": Thing((token.pk,), CLERK),
        "accounts:end-session": Thing((session.pk,), CLERK),
        "accounts:remove-factor": Thing((GONE,), Actor("", VISITOR)),
        "accounts:confirm": Thing(body=lambda: {"password": "wrong"}, done=(422,)),
        "accounts:password": Thing(body=dict, done=(422,)),
        "accounts:app": Thing(body=lambda: {"code": "000000"}, done=(422,)),
        "accounts:add-passkey": Thing(body=dict, done=(422,)),
        "accounts:make-link": Thing((clerk.pk,), WHOLE_COMPANY),
        "accounts:end-sessions": Thing((clerk.pk,), WHOLE_COMPANY),
        "accounts:unlock": Thing((clerk.pk,), WHOLE_COMPANY),
        "accounts:reset-factors": Thing((clerk.pk,), WHOLE_COMPANY, body=lambda: {"reason": "x"}),
        "accounts:deactivate": Thing((clerk.pk,), WHOLE_COMPANY, body=lambda: {"reason": "x"}),
        "accounts:reactivate": Thing((clerk.pk,), WHOLE_COMPANY),
        "accounts:person": Thing((clerk.pk,), WHOLE_COMPANY),
        "accounts:add-person": Thing(
            (), WHOLE_COMPANY, missing=422,
            body=lambda: {"name": "新人", "username": "fresh", "role": "region-manager", "region": region.pk},
        ),
        "accounts:appoint": Thing(
            (clerk.pk,), WHOLE_COMPANY, body=lambda: {"role": "outlet-owner", "outlet": "GZ001"}
        ),
        "accounts:end-posting": Thing((posting.pk,), WHOLE_COMPANY),
        "regulations:edition": Thing((edition.pk,)),
        "regulations:adopt": Thing((edition.pk,)),
        "regulations:book": Thing(("settlement",)),
        "regulations:tariff": Thing(body=lambda: {"since": today}, done=(422,)),
        "regulations:edition-toml": Thing((edition.pk,)),
        "regulations:draft": Thing((draft_edition.pk,), COMPANY),
        "regulations:draft-toml": Thing((draft_edition.pk,), COMPANY),
        "regulations:begin": Thing(body=lambda: {"book": "settlement", "title": "x", "edition": "2026.77"}),
        "regulations:bring": Thing(body=dict, done=(422,)),
        "regulations:amend": Thing((draft_edition.pk,), COMPANY, body=lambda: {"title": "y", "edition": "2026.78"}),
        "regulations:change": Thing(
            (draft_edition.pk, "rate_late"), COMPANY,
            body=lambda: {"what": "add", "since": "2099-02-01", "value": "70", "clause": "appliance KA-11.1"},
        ),
        "regulations:choose": Thing((draft_edition.pk,), COMPANY),
        "regulations:add-clause": Thing((draft_edition.pk,), COMPANY, body=lambda: {"number": "7", "zh": "条文"}),
        "regulations:add-example": Thing((draft_edition.pk,), COMPANY, body=dict, done=(200,)),
        "regulations:merge": Thing((draft_edition.pk,), COMPANY, body=dict),
        "regulations:move": Thing(
            (draft_edition.pk, "withdrawal"), COMPANY, also="regulations:draft:make",
            body=lambda: {"version": Draft.objects.get(pk=draft_edition.pk).version, "reason": "x"},
        ),
        "regulations:undo": Thing((draft_change.pk,), COMPANY),
        "regulations:drop-example": Thing((draft_example.pk,), COMPANY),
        "regulations:enter-holidays": Thing(body=dict, done=(200, 422)),
        "regulations:propose": Thing(body=lambda: {"title": "x", "words": "y", "clause": "KA-11.1"}),
        "regulations:proposal": Thing((proposal.pk,), COMPANY),
        "regulations:note-effect": Thing((proposal.pk,), COMPANY, body=lambda: {"effect": "x"}, done=(422,)),
        "regulations:decide": Thing((proposal.pk, "acceptance"), COMPANY, body=lambda: {"version": 1, "reason": "x"}),
        "regulations:parameter": Thing(("settlement", "rate_late")),
        "clause": Thing(("KA-11.1",)),
        "api:list_values": Thing(("settlement",)),
        "api:read_draft": Thing((draft_edition.pk,), COMPANY),
        "backtests:new": Thing((), WHOLE_COMPANY, body=lambda: tried_form, missing=422),
        "backtests:backtest": Thing((tried.pk,), WHOLE_COMPANY),
        "backtests:stop": Thing((waiting.pk,), WHOLE_COMPANY),
        "backtests:go-on": Thing((waiting.pk,), WHOLE_COMPANY),
        "backtests:again": Thing((tried.pk,), WHOLE_COMPANY),
        "backtests:pdf": Thing((tried.pk,), WHOLE_COMPANY),
        "backtests:xlsx": Thing((tried.pk,), WHOLE_COMPANY),
        "backtests:differences": Thing((tried.pk,), WHOLE_COMPANY),
        "backtests:difference": Thing((tried.differences.get().pk,), WHOLE_COMPANY),
        "decisions:decision": Thing((statement.decision_id,), "GZ001"),
        "decisions:replay": Thing((statement.decision_id,), "GZ001"),
        "ledger:account": Thing((payable.pk,), "GZ001"),
        "ledger:entry": Thing((entry.pk,), "GZ001"),
        "outlets:certificate-add": Thing(
            (), COMPANY, body=lambda: {"person": clerk.pk, "kind": "gas", "number": "G-2", "issued_on": "2026-05-20"}, missing=422
        ),
        "outlets:certificate-file": Thing((licence.pk,), "GZ001"),
        "outlets:certificate-end": Thing((licence.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "outlets:outlet": Thing((outlet.pk,), "GZ001"),
        "outlets:unmask": Thing((outlet.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "audit:history": Thing((outlet.pk, "outlets_outlet"), "GZ001"),
        "outlets:add": Thing((), WHOLE_COMPANY, missing=422, body=lambda: outlet_form),
        "outlets:edit": Thing((outlet.pk,), "GZ001", body=lambda: outlet_form),
        "outlets:regions": Thing(body=lambda: {"name": "东北"}),
        "notices:preferences": Thing(body=lambda: {"language": "en"}),
        "notices:address": Thing(body=lambda: {"channel": "email", "address": "a@example.com"}),
        "accounts:keep-address": Thing((clerk.pk,), WHOLE_COMPANY, body=lambda: {"address": "a@example.com"}),
        "notices:wording": Thing(
            ("settlements:issued", "en"), body=lambda: {"subject": "S", "text": "T {net}", "seen": 0}, missing=422
        ),
        "notices:read-all": Thing(),
        "notices:open": Thing((notice.pk,), CLERK),
        "notices:message": Thing((dead.pk,), WHOLE_COMPANY),
        "notices:message-unmask": Thing((dead.pk,), WHOLE_COMPANY, body=lambda: {"reason": "x"}),
        "notices:message-move": Thing((dead.pk, "retry"), WHOLE_COMPANY, body=lambda: {"version": 0}),
        "notices:messages-move": Thing(("retry",), WHOLE_COMPANY, body=lambda: {"row": dead.pk}, missing=303),
        "notices:incoming": Thing((came.pk,), WHOLE_COMPANY),
        "notices:incoming-unmask": Thing((came.pk,), WHOLE_COMPANY, body=lambda: {"reason": "x"}),
        "notices:incoming-move": Thing((came.pk, "retry"), WHOLE_COMPANY, body=lambda: {"version": 0}),
        "notices:incoming-all-move": Thing(("retry",), WHOLE_COMPANY, body=lambda: {"row": came.pk}, missing=303),
        "privacy:request": Thing((asked.pk,), WHOLE_COMPANY),
        "privacy:approve": Thing((asked.pk,), WHOLE_COMPANY, done=(303, 422)),
        "privacy:decline": Thing((asked.pk,), WHOLE_COMPANY, body=lambda: {"reason": "x"}),
        "privacy:erase-staff": Thing((former.pk,), WHOLE_COMPANY, body=lambda: {"reason": "x"}, done=(303, 422)),
        "privacy:copy": Thing((), WHOLE_COMPANY, missing=422, body=lambda: {"phone": "13800005678", "customer": "张三", "reason": "x"}),
        "privacy:erase": Thing(body=lambda: {"phone": "13800005678", "reason": "x"}, done=(303, 422)),
        "privacy:retention": Thing(body=lambda: {"erases": "1"}),
        "documents:document": Thing((in_force.document_id,), COMPANY),
        "documents:clause": Thing(("appliance", "KA-11.1")),
        "documents:add": Thing(body=lambda: head_form),
        "documents:edit": Thing((drafted.pk,), COMPANY, body=lambda: head_form | {"number": "R-2"}),
        "documents:revise": Thing((in_force.document_id,), COMPANY),
        "documents:publish": Thing((in_force.document_id,), COMPANY, body=lambda: {"public": "1"}),
        "documents:move": Thing((drafted.pk, "review"), COMPANY, body=lambda: {"version": 2}, also=Rules.REVIEW),
        "documents:difference": Thing((in_force.pk,), COMPANY),
        "documents:print": Thing((in_force.pk,), COMPANY),
        "documents:copy": Thing((in_force.pk,), COMPANY),
        "documents:attach": Thing((drafted.pk,), COMPANY, body=lambda: {"file": _file("M-5")}),
        "documents:attachment": Thing((enclosed.pk,), COMPANY),
        "documents:detach": Thing((drawing.pk,), COMPANY),
        "documents:text": Thing((drafted.pk,), COMPANY, body=lambda: {"text": regulations.TEXT, "take": "1", "version": 2}),
        "documents:word": Thing((drafted.pk,), COMPANY, body=lambda: {"file": SimpleUploadedFile("a.docx", regulations.docx(regulations.paragraph("一、甲")))}),
        "documents:add-clause": Thing((drafted.pk,), COMPANY, body=lambda: {"number": "九、", "level": "0", "text": "x"}),
        "documents:edit-clause": Thing((clause.pk,), COMPANY, body=lambda: {"number": "一、", "level": "0", "text": "x"}),
        "documents:remove-clause": Thing((clause.pk,), COMPANY),
        "documents:take-shipped": Thing(("six-s",)),
        "documents:record": Thing((cast.people["outlet-clerk"].pk,), COMPANY),
        "documents:campaign": Thing((running.pk,), COMPANY),
        "documents:add-campaign": Thing((), COMPANY, missing=422, body=lambda: campaign_form),
        "documents:edit-campaign": Thing((asking.pk,), COMPANY, body=lambda: campaign_form),
        "documents:begin-campaign": Thing((asking.pk,), COMPANY),
        "documents:close-campaign": Thing((running.pk,), COMPANY),
        "documents:add-question": Thing((asking.pk,), COMPANY, body=lambda: {"text": "q2", "options": "a\nb"}),
        "documents:remove-question": Thing((quiz.pk,), COMPANY),
        "documents:reading": Thing((running.pk,), COMPANY, body=lambda: {"read": "1"}),
        "api:read_measure": Thing((bettered["open"].pk,), "GZ001"),
        "survey:answer": Thing(
            (cast.company.code, survey_links.token(polls.sent(cast, at=timezone.now()))), body=lambda: {"q-overall": "5"}, done=(303, 422)
        ),
        "surveys:results": Thing(),
        "surveys:response": Thing((poll_low.pk,), "GZ001"),
        "surveys:request": Thing((poll_low.pk,), "GZ001"),
        "surveys:look-into": Thing((poll_other.pk,), "GZ001", body=lambda: {"words": "x"}),
        "surveys:link": Thing((poll_invited.pk,), "GZ001"),
        "surveys:campaign": Thing((drafted_survey.pk,), COMPANY),
        "surveys:add-campaign": Thing((), COMPANY, missing=422, body=lambda: survey_form),
        "surveys:change-campaign": Thing((drafted_survey.pk,), COMPANY, body=lambda: survey_form),
        "surveys:begin": Thing((drafted_survey.pk,), COMPANY, done=(303, 422)),
        "surveys:end": Thing((running_survey.pk,), COMPANY),
        "surveys:add-questionnaire": Thing(body=lambda: {**poll_head, "name": "n", "purpose": "campaign"}),
        "surveys:begin-version": Thing((polled.questionnaire_id,), COMPANY),
        "surveys:version": Thing((poll_second.pk,), COMPANY),
        "surveys:change-version": Thing((poll_second.pk,), COMPANY, body=lambda: poll_head),
        "surveys:publish-version": Thing((poll_second.pk,), COMPANY),
        "surveys:add-question": Thing((poll_second.pk,), COMPANY, body=lambda: poll_ask_form),
        "surveys:question": Thing((poll_extra.pk,), COMPANY, body=lambda: poll_ask_form),
        "surveys:drop-question": Thing((poll_extra.pk,), COMPANY),
        "surveys:paper": Thing((polled.pk,), COMPANY),
        "surveys:enter": Thing((polled.pk,), COMPANY, body=lambda: poll_paper_form, done=(303, 422)),
        "surveys:publish": Thing(body=lambda: {"title": "t", "first_day": today, "last_day": today}, done=(303, 422)),
        "surveys:publication": Thing((poll_told_all.pk,), COMPANY),
        "improvements:add": Thing((), COMPANY, missing=422, body=lambda: measure_form),
        "improvements:propose": Thing((), "GZ001", missing=422, body=lambda: {"title": "t", "problem": "p", "outlet": outlet.pk}),
        "improvements:measure": Thing((bettered["open"].pk,), "GZ001"),
        "improvements:change": Thing((bettered["open"].pk,), "GZ001", body=lambda: measure_form),
        "improvements:accept": Thing((improved[0].pk,), "GZ001", body=lambda: {"owner": lead.pk, "due_on": "2099-01-01"}),
        "improvements:decline": Thing((improved[1].pk,), "GZ001", body=lambda: {"reason": "x"}),
        "improvements:withdraw": Thing((bettered["dropped"].pk,), "GZ001", body=lambda: {"reason": "x"}),
        "improvements:finish": Thing((bettered["open"].pk,), "GZ001", body=lambda: {"note": "x"}, done=(*GOOD, 422)),
        "improvements:attach": Thing((bettered["filed"].pk,), "GZ001", body=lambda: {"file": _file("M-5")}, done=(*GOOD, 422)),
        "improvements:attachment": Thing((evidence.pk,), "GZ001"),
        "improvements:review": Thing((bettered["finished"].pk,), "GZ001", body=lambda: {"verdict": "effective", "figure": "f", "before": "1", "after": "2"}),
        "improvements:paper": Thing((bettered["open"].pk,), "GZ001"),
        "knowledge:article": Thing((told.article_id,), COMPANY),
        "knowledge:add": Thing(body=lambda: article_form),
        "knowledge:edit": Thing((written.pk,), COMPANY, body=lambda: article_form),
        "knowledge:revise": Thing((told.article_id,), COMPANY),
        "knowledge:feedback": Thing((told.article_id,), COMPANY, body=lambda: {"helped": "1"}),
        "knowledge:move": Thing((written.pk, "review"), COMPANY, body=lambda: {"version": 1}, also=Know.REVIEW),
        "knowledge:attach": Thing((written.pk,), COMPANY, body=lambda: {"file": _file("M-4")}),
        "knowledge:attachment": Thing((shown.pk,), COMPANY),
        "knowledge:detach": Thing((kept.pk,), COMPANY),
        "knowledge:phrase": Thing((phrase.pk,), COMPANY, body=lambda: {"code": "q", "title": "t", "text": "x"}),
        "knowledge:add-phrase": Thing(body=lambda: {"code": "r", "title": "t", "text": "x"}),
        "knowledge:end-phrase": Thing((phrase.pk,), COMPANY),
        "products:model": Thing((model.pk,), WHOLE_COMPANY, body=lambda: {"name": "n", "category": model.category}),
        "products:add-model": Thing(body=lambda: {"code": "NEW-1", "category": model.category}),
        "products:part": Thing((part.pk,), WHOLE_COMPANY, body=lambda: {"name": "n", "supply_price": "1"}),
        "products:add-part": Thing(
            (), WHOLE_COMPANY, missing=422,
            body=lambda: {"code": "P-9", "name": "n", "supply_price": "1", "fits": model.pk},
        ),
        "products:part-why": Thing((part.pk,), COMPANY),
        "settlements:receipt": Thing((), "GZ001", body=lambda: {**month, "paper_on": "2026-04-02"}),
        "settlements:make": Thing((), "GZ001", body=lambda: month),
        "settlements:statements-move": Thing(
            ("check",), "GZ001", body=lambda: {"row": statement.pk}, missing=303, also=May.CHECK
        ),
        "settlements:statement-line-why": Thing((statement.pk, sheet.pk), "GZ001"),
        "settlements:move": Thing((statement.pk, "check"), "GZ001", body=check, also=May.CHECK),
        "settlements:answer": Thing((statement.pk,), "GZ001", body=lambda: {"kind": "question", "note": "x"}),
        "settlements:reply": Thing((question.pk,), "GZ001", body=lambda: {"reply": "x"}),
        "settlements:hand-in": Thing(
            (), "GZ001", missing=422, body=lambda: {**month, "file": _file("M-8")}
        ),
        "settlements:hand-in-file": Thing(
            (hand_in.pk,), "GZ001", body=lambda: {"reason": "x"}, also=May.UNMASK
        ),
        "settlements:sheet-write": Thing((), "GZ001", missing=422, body=lambda: sheet_form),
        "settlements:sheet": Thing((sheet.pk,), "GZ001"),
        "settlements:sheet-pdf": Thing((sheet.pk,), "GZ001"),
        "settlements:sheet-unmask": Thing((sheet.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "settlements:sheet-withdraw": Thing((loose.pk,), "GZ001"),
        "settlements:finding-register": Thing(
            (), "GZ001", missing=422, body=lambda: {"number": loose.number, "kind": "late_service"}
        ),
        "settlements:finding-withdraw": Thing((finding.pk,), "GZ001", also=May.CONFIRM_FINDING),
        "settlements:finding": Thing((finding.pk,), "GZ001"),
        "settlements:finding-move": Thing(
            (finding.pk, "acceptance"), "GZ001", body=lambda: {"version": finding.version}, also=May.ANSWER_FINDING
        ),
        "settlements:finding-answer": Thing((finding.pk,), "GZ001", body=lambda: {"text": "x"}),
        "settlements:finding-evidence": Thing((finding.pk,), "GZ001", body=lambda: {"text": "x"}),
        "settlements:finding-refund": Thing((finding.pk,), "GZ001", body=lambda: {"on": "2026-05-20", "text": "x"}),
        "settlements:finding-refund-refuse": Thing((paid_back.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "settlements:finding-recheck": Thing((ordered.pk,), "GZ001", body=lambda: {"improved": "no", "text": "x"}),
        "settlements:finding-file": Thing((ordered.pk, ordered.remarks.get().pk), "GZ001"),
        "settlements:finding-pdf": Thing((finding.pk,), "GZ001"),
        "settlements:hint": Thing((smell.pk,), "GZ001"),
        "settlements:hint-check": Thing((smell.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "settlements:hints-look": Thing((), body=lambda: {"month": "2026-03"}),
        "settlements:findings-file": Thing(body=dict, done=(422,)),
        "settlements:receipts-file": Thing(body=dict, done=(422,)),
        # Units
        "products:add-unit": Thing((), COMPANY, missing=422, body=lambda: {"serial": "NEW-1", "model": model.pk}),
        "products:unit": Thing((unit.pk,), COMPANY),
        "products:edit-unit": Thing((unit.pk,), COMPANY, body=lambda: {"model": model.pk}),
        "products:hand-over": Thing((unit.pk,), COMPANY, body=lambda: {"customer": ""}),
        "products:unit-proof": Thing((unit.pk,), COMPANY),
        "products:unit-label": Thing((unit.pk,), COMPANY),
        "products:unit-labels": Thing((), COMPANY, missing=303, body=lambda: {"row": unit.pk}),
        **{f"products:registration{more}": Thing((registered.pk,), COMPANY) for more in ("", "-proof")},
        "products:registration-correct": Thing(
            (registered.pk,), COMPANY, body=lambda: {"serial": "U-0001", "model": model.pk, "purchased_on": "2026-05-01", "source": "store"}
        ),
        "products:registration-accept": Thing((registered.pk,), COMPANY, body=lambda: {"customer": known.number, "take_over": "on"}),
        "products:registration-refuse": Thing((registered.pk,), COMPANY, body=lambda: {"reason": "x"}),
        "products:registration-unmask": Thing((registered.pk,), COMPANY, body=lambda: {"reason": "x"}, also="products:registration:check"),
        "api:read_backtest": Thing((tried.pk,), WHOLE_COMPANY),
        "api:list_differences": Thing((tried.pk,), WHOLE_COMPANY),
        "api:read_registration": Thing((registered.pk,), COMPANY),
        # Imports
        "imports:start": Thing(("customers",), body=dict, done=(422,)),
        "imports:template": Thing(("customers",)),
        "imports:import": Thing((brought.pk,), COMPANY),
        "imports:take": Thing((brought.pk,), COMPANY),
        "imports:drop": Thing((brought.pk,), COMPANY),
        "imports:stop": Thing((coming_in.pk,), COMPANY),
        "imports:rows": Thing((brought.pk,), LEAD),
        # Customers
        "customers:new": Thing(body=lambda: {"name": "n", "kind": "person", "phone": "13600003333"}),
        "customers:customer": Thing((known.pk,), "GZ001"),
        "customers:edit": Thing((known.pk,), "GZ001", body=lambda: {"name": "n", "kind": "person"}),
        "customers:unmask": Thing((known.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "customers:contact-new": Thing((known.pk,), "GZ001", body=lambda: {"phone": "13600004444"}),
        "customers:contact-end": Thing((known.pk, reached.pk), "GZ001"),
        "customers:address-new": Thing((known.pk,), "GZ001", body=lambda: {"text": "x"}),
        "customers:address-locate": Thing((known.pk, known.addresses.get().pk), "GZ001", body=lambda: {"coordinates": "23.129,113.264"}),
        "customers:address-end": Thing((known.pk, known.addresses.get().pk), "GZ001"),
        "customers:consent-new": Thing((known.pk,), "GZ001", body=lambda: {"purpose": "photos", "how": "x"}),
        "customers:consent-withdraw": Thing((known.pk, agreed.pk), "GZ001"),
        "customers:merge": Thing((known.pk, twin.pk), WHOLE_COMPANY),
        "customers:undo-merge": Thing((known.pk, merged.pk), WHOLE_COMPANY),
        # The service desk
        "intake:call": Thing(
            (), "GZ001", missing=422,
            body=lambda: {"category": noise.pk, "subject": "x", "phone": "13800005678", "channel": "phone", "outlet": outlet.pk},
        ),
        "intake:requests-take": Thing((), "GZ001", missing=303, body=lambda: {"row": asked_for.pk}),
        "intake:requests-assign": Thing(
            (), "GZ001", missing=422, body=lambda: {"row": asked_for.pk, "note": "", "outlet": outlet.pk}
        ),
        "intake:requests-move": Thing(("start",), "GZ001", missing=303, body=lambda: {"row": asked_for.pk}, also=Desk.WORK),
        "intake:requests-class": Thing(
            (), "GZ001", missing=303, body=lambda: {"row": asked_for.pk, "sure": 1, "severity": "down"}
        ),
        "intake:requests-tag": Thing((), "GZ001", missing=303, body=lambda: {"row": asked_for.pk, "sure": 1, "add": "t"}),
        "intake:requests-print": Thing((), "GZ001", missing=200, body=lambda: {"row": asked_for.pk}),
        "intake:tag": Thing((asked_for.pk,), "GZ001", body=lambda: {"add": "t"}),
        "intake:follow": Thing((asked_for.pk,), "GZ001", done=(303, 422)),
        "intake:merge": Thing((asked_for.pk,), "GZ001", body=lambda: {"number": linked.number}),
        "intake:undo-merge": Thing((joined.kept_id, joined.pk), WHOLE_COMPANY),
        **{f"intake:{name}": Thing((asked_for.pk,), "GZ001") for name in ("request", "take")},
        "intake:unmask": Thing((asked_for.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "intake:move": Thing((asked_for.pk, "start"), "GZ001", also=Desk.WORK),
        "intake:assign": Thing((asked_for.pk,), "GZ001", body=lambda: {"outlet": outlet.pk}),
        "intake:hand-up": Thing((asked_for.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "intake:amend": Thing(
            (asked_for.pk,), "GZ001", body=lambda: {"category": noise.pk, "subject": "y", "severity": "part", "phone": "13800005678"}
        ),
        "intake:service-check": Thing(done=(422,)),  # nothing is set up here
        "intake:talk": Thing((asked_for.pk,), "GZ001", body=lambda: {"kind": "note", "body": "x"}),
        "intake:ask": Thing(
            (asked_for.pk,), "GZ001", body=lambda: {"title": "x", "team": team.pk, "due_at": "2099-01-01T10:00"}
        ),
        "intake:file": Thing((asked_for.pk, letter.pk), "GZ001"),
        "intake:finish": Thing((task.pk,), "GZ001", body=lambda: {"result": "x"}),
        "intake:category-new": Thing((), WHOLE_COMPANY, missing=422, body=lambda: class_form),
        "intake:category": Thing((noise.pk,), WHOLE_COMPANY, body=lambda: class_form),
        "intake:category-retire": Thing((noise.pk,), WHOLE_COMPANY),
        "intake:team-new": Thing(body=lambda: {"code": "t", "name": "t"}),
        "intake:team": Thing((team.pk,), WHOLE_COMPANY, body=lambda: {"code": "t", "name": "t"}),
        "intake:team-retire": Thing((team.pk,), WHOLE_COMPANY),
        "intake:member-new": Thing((team.pk,), WHOLE_COMPANY, body=lambda: {"person": cast.people["agent"].pk}),
        "intake:member-end": Thing((member.pk,), WHOLE_COMPANY),
        "intake:rule-new": Thing((), WHOLE_COMPANY, missing=422, body=lambda: rule_form),
        "intake:rule": Thing((rule.pk,), WHOLE_COMPANY, body=lambda: rule_form),
        "intake:rule-retire": Thing((rule.pk,), WHOLE_COMPANY),
        "intake:pledge-new": Thing(
            body=lambda: {"source": "s", "promise": "answer", "length": 9, "unit": "hours", "since": "2026-05-20"}
        ),
        "intake:pledge-end": Thing((pledge.pk,), WHOLE_COMPANY),
        "intake:duty-new": Thing(body=lambda: {"day": "2026-06-01"}),
        "intake:duty-drop": Thing((duty.pk,), WHOLE_COMPANY),
        "intake:time-come": Thing(done=(303, 422)),  # once a day
        "intake:time-go": Thing(done=(303, 422)),
        "api:come_to_work": Thing(done=(200, 422), json=True),
        "api:go_home": Thing(done=(200, 422), json=True),
        "intake:times-of": Thing((cast.people["outlet-clerk"].pk,), "GZ001"),
        "intake:time-keep": Thing((cast.people["outlet-clerk"].pk,), "GZ001", body=lambda: {"day": "2026-05-19", "came": "08:30", "went": "17:30", "reason": "x"}),
        "intake:absence-new": Thing(body=dict, done=(422,)),
        "intake:absence-withdraw": Thing((absence.pk,), WHOLE_COMPANY, also=Desk.MANAGE),
        **dict.fromkeys(
            ("api:list_orders", "api:create_order"),  # one address, each name leads to both
            Thing((), "GZ001", missing=422, json=True, body=lambda: {"kind": "repair", "fault": "x", "phone": "13800005678", "address": "y", "outlet": "GZ001"}),
        ),
        "api:read_order": Thing((job.pk,), "GZ001"),
        "api:dispatch_order": Thing((job.pk,), "GZ001", body=lambda: {"version": job.version, "engineer": "stays", "first": "2099-01-05T09:00:00", "last": "2099-01-05T11:00:00"}, json=True),
        "api:move_order": Thing((under_way.pk, "acceptance"), "GZ001", body=lambda: {"version": Order.objects.get(pk=under_way.pk).version}, also=Orders.OWN, json=True),
        "callbacks:next": Thing(),
        "callbacks:plan-new": Thing((), "GZ001", missing=422, body=lambda: callback_form),
        "callbacks:callback": Thing((to_call.pk,), "GZ001"),
        "callbacks:take": Thing((to_call.pk,), "GZ001"),
        "callbacks:release": Thing((to_call.pk,), "GZ001", done=(303, 422)),
        "callbacks:unmask": Thing((to_call.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "callbacks:try": Thing((to_call.pk,), "GZ001", body=lambda: {"outcome": "no_answer"}),
        "callbacks:record": Thing((to_call.pk,), "GZ001", body=lambda: {"satisfaction": "5"}),
        "callbacks:observe": Thing((to_call.pk,), "GZ001", body=lambda: {"kind": "late_service", "words": "x"}),
        "callbacks:file": Thing((doubtful.pk, seen.files.get().pk), "GZ001"),
        "callbacks:promise": Thing((to_call.pk,), "GZ001", body=lambda: {"question": "x", "due_at": "2099-01-05T09:00", "owner": cast.people["callbacks"].pk}),
        "callbacks:need": Thing((to_call.pk,), "GZ001", body=lambda: {"kind": "need", "words": "x", "category": noise.pk, "told_to": "x"}),
        "callbacks:never": Thing((to_call.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "callbacks:end": Thing((to_call.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "callbacks:give": Thing((to_call.pk,), "GZ001", body=lambda: {"caller": cast.people["callbacks"].pk}),
        "callbacks:paper": Thing((doubtful.pk,), "GZ001"),
        "callbacks:paper-full": Thing((doubtful.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "callbacks:form-blank": Thing(("repair",)),
        "callbacks:answer": Thing((owed.pk,), "GZ001", body=lambda: {"answer": "x"}),
        "callbacks:scripts-foundation": Thing(),
        "callbacks:script": Thing(("repair",), body=lambda: script_form),
        "workorders:order": Thing((job.pk,), "GZ001"),
        "workorders:order-new": Thing((), "GZ001", missing=422, body=lambda: job_form),
        "workorders:unmask": Thing((job.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "workorders:amend": Thing((job.pk,), "GZ001", body=lambda: job_form),
        "workorders:dispatch": Thing((job.pk,), "GZ001", body=lambda: send_form),
        "workorders:place": Thing((job.pk,), "GZ001", body=lambda: {"outlet": outlet.pk}),
        "workorders:call-off": Thing((under_way.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "workorders:hand-up": Thing((job.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "workorders:move": Thing((under_way.pk, "acceptance"), "GZ001", body=dict, also=Orders.OWN),
        "workorders:step": Thing((under_way.pk, "asking"), "GZ001", body=lambda: {"words": "x"}, done=(422,)),
        "workorders:skip": Thing((under_way.pk, "diagnosis"), "GZ001", body=lambda: {"reason": "x"}),
        "workorders:check": Thing((under_way.pk,), "GZ001", body=dict, done=(422,)),
        "workorders:accept-work": Thing((under_way.pk,), "GZ001", body=lambda: {"words": "x"}, done=(422,)),
        "workorders:care": Thing((under_way.pk,), "GZ001", body=lambda: {"words": "x"}, done=(422,)),
        "workorders:plan": Thing((under_way.pk,), "GZ001", body=lambda: plan_form),
        "workorders:plan-offer": Thing((agreed_on.pk, 1), "GZ001", done=(422,)),
        "workorders:plan-answer": Thing((agreed_on.pk, 1), "GZ001", body=lambda: {"how": "phone", "yes": "0", "note": "x"}, done=(422,)),
        "workorders:signing": Thing((under_way.pk,), "GZ001", body=lambda: {"purpose": "agreement", "name": "张三", "drawn": crew.SCRAWL}),
        "workorders:photos": Thing((under_way.pk,), "GZ001", body=lambda: {"purpose": "fault"}, done=(422,)),
        "workorders:parts": Thing((under_way.pk,), "GZ001", body=lambda: {"part": part.pk, "quantity": 1, "fate": "none"}),
        "workorders:part-withdraw": Thing((under_way.pk, fitted.pk), "GZ001"),
        "workorders:checks": Thing((under_way.pk,), "GZ001", body=lambda: {"sent": "1"}),
        "workorders:age": Thing((under_way.pk,), "GZ001", done=(422,)),
        "workorders:site": Thing((under_way.pk,), "GZ001", done=(422,)),
        "workorders:site-refuse": Thing((under_way.pk,), "GZ001", body=lambda: {"measures": "x"}, done=(422,)),
        "workorders:paper": Thing((under_way.pk, "dispatch-order"), "GZ001"),
        "workorders:paper-full": Thing((under_way.pk,), "GZ001", body=lambda: {"paper": "dispatch-order", "reason": "x"}),
        "workorders:form-blank": Thing(("dispatch-order",)),
        "workorders:form-sheet": Thing(("orders",)),
        "workorders:sheets": Thing(),
        "workorders:sheets-full": Thing(body=lambda: {"which": "orders", "first": "2026-01-01", "last": "2026-12-31", "reason": "x"}),
        "workorders:file": Thing((under_way.pk, taken.thumbnail_id), "GZ001"),
        "workorders:job": Thing((own.pk,), FITTER),
        "workorders:job-customer-page": Thing((own.pk,), FITTER, body=dict, done=(422,)),
        "workorders:deed": Thing((own.pk, "accept"), FITTER, body=dict),
        "workorders:job-file": Thing((own.pk, own.photos.get().thumbnail_id), FITTER),
        "workorders:job-paper": Thing((own.pk, "dispatch-order"), FITTER),
        "workorders:actions": Thing((), FITTER, json=True, body=lambda: {"sent_at": "2026-05-20T10:00:00+08:00", "entries": [phone_entry]}),
        "workorders:action-drop": Thing((stuck,), FITTER),
        "workorders:action-anew": Thing((stuck,), FITTER),
        "workorders:customer-page": Thing((under_way.pk,), "GZ001", body=dict, done=(422,)),
        "api:answer_wish": Thing((under_way.pk, wished.pk), "GZ001", body=lambda: {"reason": "x"}, json=True),
        "workorders:wish": Thing((under_way.pk, wished.pk), "GZ001", body=lambda: {"reason": "x"}),
        "workorders:engineer": Thing((engineers["stays"].pk,), "GZ001", body=lambda: person_form),
        "workorders:engineer-new": Thing((), "GZ001", missing=422, body=lambda: person_form),
        "workorders:engineer-retire": Thing((engineers["stays"].pk,), "GZ001"),
        "workorders:engineer-week": Thing((engineers["stays"].pk,), "GZ001"),
        "workorders:engineer-away": Thing((engineers["stays"].pk,), "GZ001", body=lambda: {"first_day": "2099-02-01", "last_day": "2099-02-02"}),
        "workorders:engineer-here": Thing((engineers["stays"].pk, off.pk), "GZ001"),
        "workorders:assign": Thing((), "GZ001", missing=422, body=lambda: {"job": job.pk, "slot": f"{engineers['stays'].pk}|2099-01-05T09:00"}),
        "workorders:assign-all": Thing(body=lambda: {"outlet": outlet.pk}),
        "workorders:automatic": Thing((), "GZ001", body=lambda: {"outlet": outlet.pk, "on": "1"}),
        "workorders:foundation": Thing(done=(303, 422)),
        "workorders:fault-new": Thing((), EACH_HEADQUARTERS, missing=422, body=lambda: fault_form),
        "workorders:fault": Thing((noisy.pk,), WHOLE_COMPANY, body=lambda: fault_form),
        "workorders:fault-retire": Thing((noisy.pk,), WHOLE_COMPANY),
        "workorders:check-new": Thing((), EACH_HEADQUARTERS, missing=422, body=lambda: line_form),
        "home": Thing(read=(200, 303)),  # an engineer's home is the day
        "workorders:check-line": Thing((line.pk,), WHOLE_COMPANY, body=lambda: line_form),
        "workorders:check-retire": Thing((line.pk,), WHOLE_COMPANY),
        "workorders:check-place": Thing((line.pk,), WHOLE_COMPANY, body=lambda: {"up": "1"}),
        "workorders:own-gates": Thing(body=lambda: {"since": today}, done=(422,)),
        "theme": Thing(body=lambda: {"theme": "dark"}),
        **{f"settlements:{name}": thing for name, thing in read.items()},
        **{f"settlements:{name}": thing for name, thing in of_hand_in.items()},
        # Complaints
        "complaints:new": Thing(body=lambda: gripe_form),
        **{f"complaints:{name}": Thing((gripe.pk,), "GZ001") for name in ("complaint", "sheet")},
        "complaints:report": Thing(("2026-05",), EACH_HEADQUARTERS),
        "complaints:report-pdf": Thing(("2026-05",), EACH_HEADQUARTERS),
        "complaints:unmask": Thing((gripe.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "complaints:sheet-full": Thing((gripe.pk,), "GZ001", body=lambda: {"reason": "x"}),
        "complaints:amend": Thing((gripe.pk,), "GZ001", body=lambda: {"kind": "delay", "harm": "trouble", "subject": "y", "about_outlet": outlet.pk}),
        "complaints:hand": Thing((gripe.pk,), "GZ001", body=lambda: {"owner": cast.people["head"].pk}),
        "complaints:verify": Thing((gripe.pk,), "GZ001", body=lambda: verdict_form),
        "complaints:move": Thing((gripe.pk, "withdrawal"), "GZ001", body=lambda: {"reason": "x"}, also=Complain.ASSIGN),
        "complaints:hold": Thing((gripe.pk,), "GZ001", body=lambda: {"waiting_for": "test", "text": "x"}),
        "complaints:talk": Thing((gripe.pk,), "GZ001", body=lambda: {"kind": "report", "body": "x"}),
        "complaints:link": Thing((gripe.pk,), "GZ001", body=lambda: {"number": under_way.number}),
        "complaints:unlink": Thing((gripe.pk, job.pk), "GZ001"),
        "complaints:file": Thing((gripe.pk, account.pk), "GZ001"),
        "complaints:propose": Thing((gripe.pk,), "GZ001", body=lambda: {"kind": "goods", "amount": "50", "note": "x"}),
        "complaints:money-move": Thing((gripe.pk, wronged.pk, "approval"), "GZ001", also=Complain.APPROVE),
        "complaints:case-new": Thing((gripe.pk,), "GZ001", body=lambda: {"authority": "regulator", "reference": "2", "lodged_at": "2026-05-20T09:00"}),
        "complaints:case": Thing((gripe.pk, taken_up.pk), "GZ001", body=lambda: {"authority": "12315", "reference": "1", "lodged_at": "2026-05-20T09:00"}),
        **dict.fromkeys(("api:list_complaints", "api:create_complaint"), Thing(json=True, body=lambda: {"kind": "service", "harm": "trouble", "subject": "x", "phone": "13800005678"})),
        "api:read_complaint": Thing((gripe.pk,), "GZ001"),
        "api:move_complaint": Thing((gripe.pk, "withdrawal"), "GZ001", body=lambda: {"version": type(gripe).objects.get(pk=gripe.pk).version, "reason": "x"}, also=Complain.ASSIGN, json=True),
        "api:say_of_complaint": Thing((gripe.pk,), "GZ001", body=lambda: {"kind": "report", "text": "x"}, json=True),
        # The API
        **dict.fromkeys(
            ("api:list_requests", "api:create_request"),  # one address, each name leads to both
            Thing(
                (), "GZ001", missing=422, json=True,
                body=lambda: {"class": "repair-noise", "subject": "x", "phone": "13800005678", "outlet": "GZ001"},
            ),
        ),
        "intake:force": Thing((force.pk,), COMPANY),
        "intake:force-new": Thing((), COMPANY, missing=422, body=lambda: {"name": "x", "goal": "y", "leader": cast.people["head"].pk, "first_day": "2026-05-20", "last_day": "2026-06-20"}),
        "intake:force-change": Thing((force.pk,), COMPANY, lambda: {"name": "x", "goal": "y", "leader": cast.people["head"].pk, "first_day": "2026-05-20", "last_day": "2026-06-20"}),
        "intake:force-link": Thing((force.pk,), COMPANY, lambda: {"number": asked_for.number}),
        "intake:force-unlink": Thing((force.pk, linked.pk), COMPANY),
        "intake:force-report": Thing((force.pk,), COMPANY, lambda: {"body": "x"}),
        "intake:force-end": Thing((force.pk,), COMPANY, lambda: {"result": "x"}),
        "intake:month": Thing(("2026-05",)),
        **dict.fromkeys(("api:list_customers", "api:create_customer"), Thing((), "GZ001", missing=422, json=True, body=lambda: {"name": "x", "outlet": "GZ001"})),
        "api:read_customer": Thing((known.pk,), "GZ001"),
        "api:amend_customer": Thing((known.pk,), "GZ001", body=lambda: {"vip": True}, json=True),
        "api:add_contact": Thing((known.pk,), "GZ001", body=lambda: {"phone": "13600007777"}, json=True),
        **dict.fromkeys(("api:list_units", "api:create_unit"), Thing((), EVERYBODY, json=True, body=lambda: {"serial": "NEW-2", "model": model.code})),
        "api:read_unit": Thing((unit.pk,), COMPANY),
        "api:amend_unit": Thing((unit.pk,), COMPANY, body=lambda: {"note": "x"}, json=True),
        # Views
        "views:save": Thing(body=lambda: view_form),
        "views:columns": Thing(body=lambda: view_form | {"columns": "number"}),
        **{f"views:{name}": Thing((view.pk,), CLERK, body=lambda: view_form) for name in ("change", "replacement", "deletion", "default", "default-end")},
        # Webhooks
        "hooks:new": Thing(body=lambda: hook_form),
        **{f"hooks:{name}": Thing((hook.pk,), COMPANY) for name in ("subscription", "secret", "test", "deliveries")},
        "hooks:change": Thing((hook.pk,), COMPANY, body=lambda: hook_form),
        "hooks:move": Thing((hook.pk, "pause"), COMPANY, body=lambda: {"version": hook.version}),
        "hooks:delivery": Thing((called.pk,), COMPANY),
        "hooks:delivery-move": Thing((called.pk, "discard"), COMPANY, body=lambda: {"version": called.version}),
        **dict.fromkeys(("api:list_subscriptions", "api:create_subscription"), Thing(body=lambda: hook_form, json=True)),
        **dict.fromkeys(
            ("api:read_subscription", "api:change_subscription"), Thing((hook.pk,), COMPANY, body=lambda: hook_form, json=True)
        ),
        "api:renew_secret": Thing((hook.pk,), COMPANY, json=True),
        "api:test_subscription": Thing((hook.pk,), COMPANY, json=True),
        "api:move_subscription": Thing((hook.pk, "pause"), COMPANY, body=lambda: {"version": hook.version}, json=True),
        "api:list_deliveries": Thing((hook.pk,), COMPANY),
        "api:move_delivery": Thing((called.pk, "discard"), COMPANY, body=lambda: {"version": called.version}, json=True),
        "api:read_request": Thing((asked_for.pk,), "GZ001"),
        "api:move_request": Thing((asked_for.pk, "start"), "GZ001", body=lambda: {"version": asked_for.version}, also=Desk.WORK, json=True),
        "api:assign_request": Thing((asked_for.pk,), "GZ001", body=lambda: {"version": asked_for.version, "outlet": "GZ001"}, json=True),
        "api:tag_request": Thing((asked_for.pk,), "GZ001", body=lambda: {"add": ["t"]}, json=True),
        "api:merge_request": Thing((asked_for.pk,), "GZ001", body=lambda: {"number": linked.number}, json=True),
        "api:say": Thing((asked_for.pk,), "GZ001", body=lambda: {"text": "x"}, json=True),
        "api:read_article": Thing((told.article_id,), COMPANY),
        "api:read_document": Thing((in_force.document_id,), COMPANY),
        "api:read_clause": Thing(("appliance", "KA-11.1")),
        "api:confirm_reading": Thing((running.pk,), COMPANY, body=lambda: {"read": True}, json=True),
        "api:read_campaign": Thing((running.pk,), COMPANY),
        "api:give_feedback": Thing((told.article_id,), COMPANY, body=lambda: {"helped": True}, json=True),
        "api:read_statement": Thing((statement.pk,), "GZ001"),
        "api:read_lines": Thing((statement.pk,), "GZ001"),
        "api:move": Thing((statement.pk, "check"), "GZ001", body=check, also=May.CHECK, json=True),
        "api:answer": Thing(
            (statement.pk,), "GZ001", body=lambda: {"kind": "question", "note": "x", "sheet": sheet.pk}, json=True
        ),
        "api:hand_in": Thing(
            (), "GZ001", body=lambda: {"outlet": "GZ001", "month": "2026-03", "file": _file("M-7")}
        ),
        "api:receipt": Thing(
            (), "GZ001", body=lambda: {"outlet": "GZ001", "month": "2026-03", "paper_on": "2026-04-02"}, json=True
        ),
        "api:read_callback": Thing((to_call.pk,), "GZ001"),
        "api:read_finding": Thing((finding.pk,), "GZ001"),
        "api:move_finding": Thing((finding.pk, "acceptance"), "GZ001", body=lambda: {"version": finding.version}, also=May.ANSWER_FINDING, json=True),
        **dict.fromkeys(
            ("api:findings", "api:list_findings"),  # one address, each name leads to both
            Thing((), "GZ001", missing=422, body=lambda: [{"number": loose.number, "kind": "late_service"}], json=True),
        ),
        "api:make": Thing(("2026-03",), "GZ001", missing=422, body=lambda: {"outlets": ["GZ001"]}, json=True),
    }  # fmt: skip
