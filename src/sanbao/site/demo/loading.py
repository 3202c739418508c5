"""Loading the demonstration: whole or not at all."""

from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scope import everything
from sanbao.regulations import operations as regulations
from sanbao.site.demo import complaints as complained
from sanbao.site.demo import documents as regulations_told
from sanbao.site.demo import (
    founding,
    hooks,
    imports,
    knowledge,
    messages,
    people,
    quality,
    rules,
    story,
    telling,
    views,
)

_LOCK = 7_202_611  # an advisory lock: two loads at once, and the second finds the first one's


@everything("the demonstration founds its companies")
@transaction.atomic
def load(*, now: datetime) -> bool:
    """Load the demonstration as of `now` into an empty database; False, and nothing done, if there is anybody in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if not is_empty():
        return False
    now = timezone.localtime(now)
    first = story.months_before(story.last_month(now), story.MONTHS)
    begun = timezone.make_aware(datetime.combine(first + timedelta(days=14), time(9)))
    regulations.load_shipped(at=begun)
    maker = founding.found_maker(begun)
    knowledge.tell(maker, begun + timedelta(days=1))
    quality.found(maker, begun + timedelta(days=2))
    story.Story(maker, now).tell()
    imports.bring(maker, now)
    complained.tell(maker, now)
    quality.tell(maker, begun, now)
    messages.tell(maker, now)
    instruments = founding.found_instruments(begun)
    story.tell_instruments(instruments, now)
    rules.keep(maker, now)
    small = [founding.found_small(each, begun) for each in people.SMALL]
    regulations_told.tell(maker, instruments, small, begun + timedelta(days=2), now)
    telling.settle(maker, now)
    hooks.subscribe(maker, now)
    views.share(maker, now)
    # One hash for all: the password is on the sign-in page, and hashing is slow on purpose.
    Person.objects.update(password=make_password(people.PASSWORD))
    return True


def is_empty() -> bool:
    """Whether there is neither a company nor a person."""
    return not Company.objects.exists() and not Person.objects.exists()


def is_demonstration() -> bool:
    """Whether there are no other companies than the demonstration's."""
    return not Company.objects.exclude(code__in=[firm.code for firm in people.FIRMS]).exists()
