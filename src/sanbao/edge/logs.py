"""The log: one line of JSON for each event, without secrets and people's data (masking.py). ASVS 5.0 chapter 16.

`tell("sign-in.failed", …)` writes an event of ours; its name stands in `EVENTS` and in docs/operations/observing.md, and does not
change. Lines of libraries come through the same formatter as the event `log`. Every line of a request or a job carries its id.

Never written: the values of queries, forms and headers, parameters of SQL, what a person is called.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from structlog.contextvars import merge_contextvars
from structlog.typing import EventDict

from sanbao.edge import masking, metrics

EVENTS: dict[str, str] = {
    "request": "A request was answered.",
    "job": "A job of the worker ended.",
    "fault": "An unexpected exception: a mistake in the program, or a part that fails.",
    "database.broken-off": "The database broke a statement off: a deadlock, a lock held too long, a statement too long.",
    "log": "A line of a library.",
    "sign-in.done": "Somebody signed in.",
    "sign-in.failed": "A name and a password, or a second factor, that do not belong together.",
    "sign-in.locked": "A try to sign in while the door is closed after many failures, or the failure that closed it.",
    "sign-out": "Somebody signed out.",
    "factor.accepted": "A second factor was right.",
    "factor.refused": "A second factor was wrong.",
    "account.changed": "An account changed: password, second factors, keys, sessions, posts. `action` says what.",
    "step-up.asked": "Before money or a way in: a fresh proof was asked for.",
    "step-up.done": "The fresh proof was given.",
    "permission.refused": "The person's post does not include what was asked for (403).",
    "scope.refused": "A thing that does not exist, or that the person may not know of, was asked for by its number (404).",
    "token.refused": "The API was asked without a valid key (401).",
    "stale.refused": "A form older than the row it changes (409).",
    "replay.refused": "A key of a request used again: under way still, or for other contents (409, 422).",
    "rate.exceeded": "More requests than people make (429).",
    "hygiene.refused": "A request nobody should look at: characters, sizes, hosts, methods. `code` says what.",
    "forgery.refused": "A form without this site's token (403).",
    "fetch.refused": "A call to another machine that is not allowed.",
    "export": "Data left as a file, a print or a copy. `action` and `thing` say which.",
    "unmask": "A person's data were shown in full, with a reason in the event log.",
    "configuration": "What others may do, or what the rules say, was changed. `action` says what.",
    "change": "Any other change that stands in the event log. `action` says what.",
}  # fmt: skip
_COUNTED_ELSEWHERE = frozenset(("request", "job", "change"))
_QUOTED = re.compile(r"'[^']*'?|\"[^\"]*\"?")
MOST_FRAMES = 24
MOST_CAUSES = 5

# The request at hand, as the middleware (watch.py) sees it.
current: ContextVar[Any] = ContextVar("request", default=None)


def tell(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write an event. Its name must be one of EVENTS; texts among the fields are masked, names of people never belong into them."""
    if name not in EVENTS:
        raise KeyError(
            f"There is no event “{name}”: add it to edge/logs.py and docs/operations/observing.md."
        )
    if name not in _COUNTED_ELSEWHERE:
        metrics.event(name)
    _LOG.log(level, name, **fields)


def warn(name: str, **fields: Any) -> None:
    """An event that somebody should look at if there are many."""
    tell(name, logging.WARNING, **fields)


def who() -> dict[str, int]:
    """The person and the company of the request at hand, as far as they are known already: nothing is asked of the database for it."""
    request = current.get()
    found: dict[str, int] = {}
    if request is None:
        return found
    user = getattr(request, "_cached_user", None)
    if user is not None and user.pk:
        found["person"] = user.pk
    access = getattr(request, "access", None)
    access = getattr(access, "_wrapped", access)  # a lazy object that nobody has asked yet holds no access
    if getattr(access, "person_id", None):
        found["person"] = access.person_id
    if getattr(access, "company_id", None):
        found["company"] = access.company_id
    return found


# How a line is made


def _who(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {**who(), **event}


def _foreign(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A library's line: its text becomes `said`, or nothing where it is known to hold what was asked."""
    record: logging.LogRecord = event["_record"]
    said = event.pop("event")
    event["event"], event["logger"] = "log", record.name
    if record.name == "django.request" and record.exc_info:
        event["event"] = "fault"
    elif record.name.startswith("procrastinate") and (action := getattr(record, "action", "")):
        event["said"] = str(action)
        if action.startswith("job_"):
            event.pop("exc_info", None)  # jobs.py has told it, while it was known what the job had brought
    elif record.name == "django.security.DisallowedHost" or record.name == "django.security.csrf":
        event["said"] = "refused"  # the request's own line says the rest
    elif record.name.startswith("gunicorn"):  # it quotes what was no HTTP
        event["said"] = masking.told(_QUOTED.sub("[input]", said))
    else:
        event["said"] = masking.told(said)
    return event


def _faults(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """An exception as plain data: types, texts, places in the code. No values of variables, no SQL."""
    found = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["errors"] = described(error)
    return event


def described(error: BaseException) -> list[dict[str, Any]]:
    """The exception and what it came from, the last first."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen and len(found) < MOST_CAUSES:
        seen.add(id(each))
        found.append(_described(each))
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return found


def _described(error: BaseException) -> dict[str, Any]:
    sqlstate = getattr(error, "sqlstate", None)
    known: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    if sqlstate:
        known["sqlstate"] = str(sqlstate)
        known["constraint"] = str(getattr(getattr(error, "diag", None), "constraint_name", "") or "")
    try:
        said = str(error)
    except Exception:
        said = "(its text could not be made)"
    if sqlstate or type(error).__module__.startswith(("django.db", "psycopg")):
        # PostgreSQL's DETAIL and LINE hold rows and statements; the first line may quote a value.
        said = said.split("\n", 1)[0].split(': "', 1)[0]
    known["said"] = masking.told(said)
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    known["frames"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return known


def _short(path: str) -> str:
    """A file's path without the folders of this machine."""
    for mark in ("/site-packages/", "/src/"):
        if mark in path:
            return path.rpartition(mark)[2]
    return "/".join(Path(path).parts[-2:])


def _stamp(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The moment first, in UTC; then level and event, so that a reader finds them in one column (ASVS 16.2.2)."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"at": at, "level": event.pop("level", ""), "event": event.pop("event", ""), **event}


def _json(_logger: Any, _method: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=False, default=str, separators=(",", ":"))


def _human(_logger: Any, _method: str, event: EventDict) -> str:
    """For a developer's terminal: one line, and the places of an exception below it."""
    event.pop("logger", None)
    errors = event.pop("errors", ())
    head = f"{event.pop('at')[11:23]} {event.pop('level'):7} {event.pop('event')}"
    line = " ".join([head, *(f"{name}={value}" for name, value in event.items())])
    for error in errors:
        line += f"\n    {error['type']}: {error['said']}"
        line += "".join(f"\n      {frame}" for frame in error["frames"])
    return line


def _masked(logger: Any, method: str, event: EventDict) -> EventDict:
    return masking.masked(logger, method, event)  # looked up each time: the tests' control takes it out


class Lines(structlog.stdlib.ProcessorFormatter):
    """The formatter of settings.LOGGING. `human`: for a terminal instead of JSON."""

    def __init__(self, human: bool = False) -> None:
        super().__init__(
            foreign_pre_chain=[merge_contextvars, structlog.stdlib.add_log_level, _foreign],
            processors=[
                self.remove_processors_meta, _who, _faults, _masked, masking.plain, _stamp, _human if human else _json,
            ],
        )  # fmt: skip


def settings(where: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. `where`: "" for people at a terminal, "stdout", or a file's path; `level`: LOG_LEVEL, "" for what fits."""
    handler: dict[str, Any] = {"class": "logging.StreamHandler", "formatter": "lines"}
    if where == "stdout":
        handler["stream"] = "ext://sys.stdout"
    elif where:  # taken up anew when somebody (logrotate) has moved it away
        handler = {"class": "logging.handlers.WatchedFileHandler", "filename": where, "encoding": "utf-8", "formatter": "lines"}  # fmt: skip
    loud = level or "WARNING"
    quiet = {"level": loud if logging.getLevelName(loud) >= logging.WARNING else "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "sanbao.edge.logs.Lines", "human": not where}},
        "handlers": {"console": handler},
        "root": {"handlers": ["console"], "level": loud},
        "loggers": {
            "sanbao": {"level": level or ("INFO" if where else "WARNING")},
            # A 404 or a refusal is in the request's line; only what broke is told here.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
            "gunicorn.error": {"handlers": ["console"], "propagate": False, "level": "WARNING"},
            # These write parameters of SQL, arguments of jobs or whole addresses when they are asked to be talkative: never.
            **dict.fromkeys(("django.db.backends", "psycopg", "httpx", "httpcore", "procrastinate"), quiet),
        },
    }


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
_LOG: Any = structlog.stdlib.get_logger("sanbao.events")
