"""Every minute: warnings and escalations."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.intake import alarms


@app.periodic(cron="* * * * *")
@app.task(name="intake.alarms", queueing_lock="intake.alarms", pass_context=False)
def sound_alarms(timestamp: int) -> int:
    """How many steps of the ladder were told."""
    with everything("promises of every company"):
        return alarms.sound(timezone.now())
