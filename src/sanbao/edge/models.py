"""What must be the same for all web processes: answers already given, and how often somebody has asked."""

from django.db import models


class Answered(models.Model):
    """The answer to a request that was carried out, kept under the key its sender gave it, so that sending it again does nothing twice.

    Written in the transaction of the change itself. `who` is whoever asked ("12:3": person 12 in company 3), `digest` the hash of what was asked.
    Of a page's answer only the address is kept, of the API's its JSON.
    """

    who = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    route = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    location = models.CharField(max_length=500, blank=True)
    content = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["who", "key"], name="answered_once")]
        indexes = [models.Index(fields=["at"])]


class Asked(models.Model):
    """How often `key` ("export:12") asked in the window that began at `since` (seconds). Counts, no history: rows are taken over."""

    key = models.CharField(max_length=100, primary_key=True)
    since = models.BigIntegerField()
    count = models.IntegerField()


class Heard(models.Model):
    """How work that is done now and then went the last time (heard.py). The launcher writes backups here with SQL of its own."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    well = models.BooleanField()
    figure = models.BigIntegerField(default=0, db_default=0)
