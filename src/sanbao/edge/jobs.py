"""Sees every job of the worker: its line in the log, its exceptions, its time. settings.PROCRASTINATE_ON_APP_READY hands the app here.

What a job was given (its arguments) is never written, and is taken out of the texts of its exceptions (masking.py).
"""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any

from structlog.contextvars import bound_contextvars

from sanbao.edge import logs, masking, metrics
from sanbao.edge.watch import metered


def ready(app: Any) -> None:
    """Put `watched` around every task there is, and none twice."""
    for task in app.tasks.values():
        if watched not in task.task_middleware:
            task.task_middleware = [watched, *task.task_middleware]


def watched(run: Callable[[], Any], context: Any, _worker: Any) -> Any:
    """Run one job, with an id of its own ("job-12") in every line it writes."""
    job = context.job
    begun, result = perf_counter(), "failed"
    brought = masking.brought.set(lambda: masking.texts_in(job.task_kwargs))
    try:
        with bound_contextvars(request=f"job-{job.id}"), metered() as meter:
            try:
                done = run()
                result = "done"
                return done
            except Exception as error:
                logs.tell("fault", logging.ERROR, task=job.task_name, exc_info=error)
                raise
            finally:
                seconds = perf_counter() - begun
                metrics.job(job.task_name, result, seconds)
                logs.tell(
                    "job",
                    logging.INFO if result == "done" else logging.ERROR,
                    task=job.task_name,
                    result=result,
                    attempt=job.attempts + 1,
                    ms=round(seconds * 1000, 1),
                    statements=meter.statements,
                    db_ms=round(meter.seconds * 1000, 1),
                )
    finally:
        masking.brought.reset(brought)
