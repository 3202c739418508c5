"""Work for the worker: back-tests, those whose worker was killed, and the nightly replay of a sample."""

import contextlib

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scope import everything, opened
from sanbao.backtests import operations, running
from sanbao.backtests.models import BackTest
from sanbao.backtests.permissions import May
from sanbao.edge import heard
from sanbao.outlets.queries import access_of


@app.task(name="backtests.run")
def run(backtest_id: int, person_id: int, company_id: int) -> str:
    """Decide a period again, with the rights its asker has when the job runs; the state it is in afterwards. Killed, it may run again."""
    person = Person.objects.get(pk=person_id)
    by = access_of(person, timezone.localdate(), company_id=company_id, request="job")
    if by.company_id != company_id or not by.may(May.MAKE):
        return "no right any more"
    with opened(by):
        return running.run(BackTest.objects.get(pk=backtest_id), by=by).state


def hand_over(test: BackTest) -> None:
    """Have the worker begin or go on with it; waits it in the queue already, it is not queued twice."""
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        run.configure(queueing_lock=f"backtests.run {test.pk}").defer(
            backtest_id=test.pk, person_id=test.made_by_id, company_id=test.company_id
        )


@app.periodic(cron="*/5 * * * *")
@app.task(name="backtests.resume", queueing_lock="backtests.resume", pass_context=False)
def resume(timestamp: int) -> int:
    """Hand over again what nobody is at work with any more; returns how many."""
    with everything("back-tests of every company whose worker was killed"):
        waiting = operations.waiting_for_nobody()
        for test in waiting:
            hand_over(test)
        return len(waiting)


@app.periodic(cron="25 2 * * *")
@app.task(name="backtests.replay", queueing_lock="backtests.replay", pass_context=False)
def replay(timestamp: int) -> int:
    """How many decisions of the night's sample differ, of all companies; the metrics tell it (edge.heard)."""
    return replay_samples()


def replay_samples(size: int = operations.SAMPLE) -> int:
    """Decide a sample of every company's decisions again by their own editions. Each company is a transaction of its own."""
    wrong = 0
    with everything("the decisions of every company"):
        companies = list(Company.objects.order_by("pk").values_list("pk", flat=True))
    for company_id in companies:
        with opened(Access(None, company_id, request="job")), everything("the decisions of a company"):
            with transaction.atomic():
                _count, test = operations.replay_sample(company_id, at=timezone.now(), size=size)
            wrong += test.differing + test.undecided + len(test.broken) if test else 0
    with everything("what was heard last belongs to nobody"):
        heard.say(heard.REPLAY, well=not wrong, at=timezone.now(), figure=wrong)
    return wrong
