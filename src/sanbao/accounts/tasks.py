"""The nightly sweep of what no longer counts."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts import lockout, sessions
from sanbao.accounts.models import Link, SignIn

# Security logs are kept for six months at least (网络安全法 art. 21; GB/T 22239-2019; facts/china.md 9.2), so a little more.
SIGN_INS_KEPT = timedelta(days=200)
LINKS_KEPT = timedelta(days=200)


@app.periodic(cron="27 3 * * *")
@app.task(name="accounts.sweep", pass_context=False)
def sweep(timestamp: int) -> dict[str, int]:
    """Drop sessions that are over, failures that are forgotten, old sign-ins and spent links; returns how many rows of each."""
    now = timezone.now()
    sessions.SessionStore.clear_expired()
    return {
        "lockouts": lockout.forget_old(now),
        "sign-ins": SignIn.objects.filter(at__lt=now - SIGN_INS_KEPT).delete()[0],
        "links": Link.objects.filter(expires_at__lt=now - LINKS_KEPT).delete()[0],
    }
