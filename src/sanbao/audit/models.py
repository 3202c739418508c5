"""One row an event, never changed."""

import pgtrigger
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class CurrentTransaction(models.Func):
    """The number of the transaction; 64 bits, so it does not come round."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class NextMark(models.Func):
    """The next number of the rows' changes."""

    template = "nextval('audit_change_id_seq'::regclass)"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """What happened. `action` is "module:thing:verb"; `details` holds no customer's name or phone number."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    region_id = models.BigIntegerField(null=True)
    outlet_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    thing = models.CharField(max_length=60)
    thing_id = models.BigIntegerField()
    label = models.CharField(max_length=120)
    details = models.JSONField(default=dict)
    request = models.CharField(max_length=40, blank=True)
    # Set by the database: the transaction and its beginning, and the event's place among the rows' changes, whose numbers it
    # shares. So a change finds the event that tells what it was for (queries.changes_of).
    tx = models.BigIntegerField(null=True, editable=False, db_default=CurrentTransaction())
    kept_at = models.DateTimeField(null=True, editable=False, db_default=TransactionNow())
    mark = models.BigIntegerField(null=True, editable=False, db_default=NextMark())

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("event")
        indexes = [
            models.Index(fields=["thing", "thing_id", "id"]),
            models.Index(fields=["company", "-id"]),
            models.Index(fields=["tx", "mark"], name="event_of_a_change"),
        ]
        triggers = [
            pgtrigger.Protect(name="not_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                # An erasure may put "[erased]" in the place of the label or of a detail, and nothing else may change.
                func="""
                    IF current_setting('sanbao.erasing', true) = 'on'
                        AND to_jsonb(NEW) - 'label' - 'details' = to_jsonb(OLD) - 'label' - 'details'
                        AND NEW.label IN (OLD.label, '[erased]')
                        AND NOT EXISTS (
                            SELECT FROM jsonb_each(OLD.details) AS b FULL JOIN jsonb_each(NEW.details) AS a ON b.key = a.key
                            WHERE a.value IS DISTINCT FROM b.value AND (b.key IS NULL OR a.value IS DISTINCT FROM '"[erased]"')
                        )
                    THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'an event is never changed' USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]


class Change(models.Model):
    """One change of one row, written by the trigger of sanbao.audit.history, never by the program.

    `row` is the primary key as text. `before` and `after` hold the changed columns; a deletion keeps the whole row in `before`; an
    insert keeps none, for the row itself or its next change tells what it was. `login` is the database's login where no person is
    known: somebody at the database's own door. No foreign keys: the history outlives what it tells of.
    """

    class Op(models.TextChoices):
        INSERT = "I", _("made")
        UPDATE = "U", _("changed")
        DELETE = "D", _("deleted")
        TRUNCATE = "T", _("all rows deleted")

    at = models.DateTimeField()
    tx = models.BigIntegerField()
    table = models.CharField(max_length=63)
    row = models.CharField(max_length=80)
    op = models.CharField(max_length=1, choices=Op.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    person_id = models.BigIntegerField(null=True)
    company_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=63, blank=True)
    request = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        verbose_name = _("change")
        indexes = [models.Index(fields=["row", "table", "id"], name="change_of_a_row")]
        triggers = [
            pgtrigger.Protect(name="not_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                # An erasure may put "[erased]" in the place of a value, and nothing else may change.
                func="""
                    IF current_setting('sanbao.erasing', true) = 'on'
                        AND to_jsonb(NEW) - 'before' - 'after' = to_jsonb(OLD) - 'before' - 'after'
                        AND NOT EXISTS (
                            SELECT FROM (VALUES (OLD.before, NEW.before), (OLD.after, NEW.after)) AS image(x, y)
                            WHERE (x IS NULL) <> (y IS NULL)
                                OR EXISTS (
                                    SELECT FROM jsonb_each(coalesce(x, '{}')) AS b
                                    FULL JOIN jsonb_each(coalesce(y, '{}')) AS a ON b.key = a.key
                                    WHERE a.value IS DISTINCT FROM b.value
                                        AND (b.key IS NULL OR a.value IS DISTINCT FROM '"[erased]"')
                                )
                        )
                    THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'the history is never changed' USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]
