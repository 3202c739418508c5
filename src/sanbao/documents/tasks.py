"""What the calendar does: versions come into force on their day; reviews and readings are remembered every morning."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.documents import operations


@app.periodic(cron="1,31 * * * *")
@app.task(name="documents.commence", queueing_lock="documents.commence", pass_context=False)
def commence(timestamp: int) -> int:
    """How many approved regulations came into force; run twice, the second finds nothing."""
    return operations.commence(timezone.now())


@app.periodic(cron="25 8 * * *")
@app.task(name="documents.reviews", queueing_lock="documents.reviews", pass_context=False)
def reviews(timestamp: int) -> int:
    """How many reviews are due within thirty days (ST-9); each is told once."""
    return operations.tell_of_reviews(timezone.now())


@app.periodic(cron="35 8 * * *")
@app.task(name="documents.readings", queueing_lock="documents.readings", pass_context=False)
def readings(timestamp: int) -> int:
    """How many readers were asked or reminded (BA-8); newcomers are asked, too, and each stage is told once."""
    return operations.ask_and_remind(timezone.now())
