"""Sessions kept in the database: whose, from where, since when; ended at once by deleting the row (ASVS 7.4.1, 7.4.2, 7.5.2).

The cookie holds a random key, the table only its hash, so that reading the table opens no session. A session ends after IDLE without a
request and after ABSOLUTE whatever happens (ASVS 7.3.1, 7.3.2).
"""

import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import Expression, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sanbao.accounts import origin, scope
from sanbao.accounts.models import Person, Session
from sanbao.accounts.written import first, written

SEEN_EVERY = timedelta(seconds=60)  # how exactly "last seen" is kept: one UPDATE a minute, not one a request
# What a module above reads in the session's own statement: by name, an expression of the day over its row, and who hears what it said.
ALONG: dict[str, tuple[Callable[[date], Expression], Callable[[Any], None]]] = {}

_read_along: ContextVar[Session | None] = ContextVar("read_along", default=None)


class SessionStore(SessionBase):
    """What `request.session` is. `row` is the row it was read from or made as."""

    def __init__(self, session_key: str | None = None):
        super().__init__(session_key)
        self.row: Session | None = None
        self.origin = ("", "")

    @classmethod
    def digest(cls, key: str) -> str:
        """The hash a key is kept under. Keys are random and long, so one round of SHA-256 is enough."""
        return hashlib.sha256(key.encode(errors="replace")).hexdigest()

    @property
    def began_at(self) -> datetime | None:
        """When this session began: signing in always begins a new one."""
        self._get_session()
        return self.row.began_at if self.row else None

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        with scope.everything("whose session it is says whose scope can be opened"):
            found = written(
                "session", _open_under, digest=self.digest(self.session_key or ""), now=now, today=timezone.localdate(now)
            )  # fmt: skip
        self.row = first(found)
        _read_along.set(self.row)
        if self.row is None:
            self._session_key = None
            return {}
        for name, (_expression, hear) in ALONG.items():
            hear(getattr(self.row, name))
        if self.row.seen_at < now - SEEN_EVERY:
            ends = _ends(self.row.person_id is not None, self.row.began_at, now)
            Session.objects.filter(pk=self.row.pk).update(seen_at=now, expires_at=ends)
        return self.decode(self.row.data)

    # Nobody but us writes the table: what stands in it need not be signed, as a cookie would.
    def encode(self, session_dict: dict[str, Any]) -> str:
        return json.dumps(session_dict, ensure_ascii=False)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        if not (isinstance(session_data, str) and session_data.startswith("{")):
            return super().decode(session_data)  # begun while they were
        told: dict[str, Any] = json.loads(session_data)
        return told

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=self.digest(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        content = self._get_session(no_load=must_create)
        values = {"data": self.encode(content), "person_id": content.get(SESSION_KEY)}
        digest = self.digest(self.session_key)
        if must_create:
            self.row = self._insert(digest, values)
        elif not Session.objects.filter(digest=digest).update(**values):
            raise UpdateError  # ended meanwhile, by its owner or an administrator: it must not come back
        elif self.row and (self.row.person_id is None) != (values["person_id"] is None):
            ends = _ends(values["person_id"] is not None, self.row.began_at, timezone.now())
            Session.objects.filter(digest=digest).update(expires_at=ends)

    def _insert(self, digest: str, values: dict[str, Any]) -> Session:
        now = timezone.now()
        ends = _ends(values["person_id"] is not None, now, now)
        try:
            with transaction.atomic():
                return Session.objects.create(
                    digest=digest, began_at=now, seen_at=now, expires_at=ends,
                    address=self.origin[0], device=self.origin[1], **values,
                )  # fmt: skip
        except IntegrityError:
            raise CreateError from None

    def renew(self) -> None:
        """A new key for the same session: it goes on being as old as it is."""
        self._get_session()
        before = self.row
        self.cycle_key()
        if before and self.row:
            self.row.began_at = before.began_at
            Session.objects.filter(pk=self.row.pk).update(began_at=before.began_at)

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(digest=self.digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lte=timezone.now()).delete()


def _open_under(digest: str, now: datetime, today: date) -> QuerySet[Session]:
    rows = Session.objects.select_related("person").filter(digest=digest, expires_at__gt=now).order_by()
    return rows.annotate(**{name: make(today) for name, (make, _hear) in ALONG.items()})


def _ends(signed_in: bool, began: datetime, seen: datetime) -> datetime:
    """When a session ends if nothing more is asked; one without a person lives for an hour."""
    if not signed_in:
        return seen + timedelta(hours=1)
    return min(seen + settings.SESSION_IDLE, began + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def origins(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: tells the session where its request comes from, for the list of one's sessions."""

    def middleware(request: HttpRequest) -> HttpResponse:
        _read_along.set(None)
        request.session.origin = (origin.address(request), origin.device(request))
        return get_response(request)

    return middleware


def read_along(person_id: int) -> Person | None:
    """The person of the session that this request has read, so that nobody asks for the same row again."""
    row = _read_along.get()
    return row.person if row is not None and row.person_id == person_id else None


def along(name: str, person_id: int) -> Any:
    """What was read along with this person's session in this request; None where it was not."""
    row = _read_along.get()
    return getattr(row, name, None) if row is not None and row.person_id == person_id else None


def of(person: Person, at: datetime) -> list[Session]:
    """The person's open sessions, the last used first."""
    return list(Session.objects.filter(person=person, expires_at__gt=at).order_by("-seen_at", "-id"))


def end_all(person: Person, *, but: SessionBase | None = None) -> int:
    """End the person's sessions, all or all but one; how many there were."""
    rows = Session.objects.filter(person=person)
    if but is not None and but.session_key:
        rows = rows.exclude(digest=SessionStore.digest(but.session_key))
    return rows.delete()[0]
