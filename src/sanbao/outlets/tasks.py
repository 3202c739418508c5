"""Every morning: the daily mail of those who want one, and who is told that a key or a certificate ends."""

from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person, Token
from sanbao.notices import telling
from sanbao.notices.models import Notice
from sanbao.outlets import operations
from sanbao.outlets.queries import access_of

TOKEN_ENDS_SOON = timedelta(days=7)


@app.periodic(cron="0 8 * * *")
@app.task(name="outlets.daily_mail", queueing_lock="outlets.daily_mail", pass_context=False)
def daily_mail(timestamp: int) -> int:
    """How many people were sent a mail. Run twice a day, the second finds nothing."""
    return send_digests(timezone.now())


def send_digests(at: datetime) -> int:
    """One mail for everybody who has lines waiting for it, with the rights they have today."""
    with scope.everything("whose lines wait for the daily mail"):
        waiting = list(Notice.objects.filter(digest=True).values_list("company_id", "person_id").distinct())
        people = Person.objects.in_bulk({person_id for _company, person_id in waiting})
    sent = 0
    for company_id, person_id in waiting:
        access = access_of(people[person_id], timezone.localdate(at), company_id=company_id, request="job")
        if access.company_id != company_id:  # holds no post there any more
            access = Access(person_id, company_id, request="job")
        with scope.opened(access):
            sent += telling.mail_digest(people[person_id], by=access, at=at)
    return sent


@app.periodic(cron="10 8 * * *")
@app.task(name="outlets.keys_end", pass_context=False)
def keys_end(timestamp: int) -> int:
    """How many keys end within a week; each is told once."""
    return tell_of_ending_keys(timezone.now())


def tell_of_ending_keys(at: datetime) -> int:
    """Tell the owners of keys that end within a week."""
    with scope.everything("keys of every company"):
        ending = list(
            Token.objects.filter(expires_at__gt=at, expires_at__lte=at + TOKEN_ENDS_SOON).select_related(
                "person"
            )
        )
        for token in ending:
            telling.tell(
                [token.person], "accounts:token-ends", about=token.person, by=Access(None, token.company_id, request="job"),
                at=at, key=f"token:{token.pk}", name=token.name, day=timezone.localdate(token.expires_at),
            )  # fmt: skip
    return len(ending)


@app.periodic(cron="20 8 * * *")
@app.task(name="outlets.certificates_end", pass_context=False)
def certificates_end(timestamp: int) -> int:
    """How many certificates end within thirty days; each is told once."""
    return operations.tell_of_ending_certificates(timezone.now())
