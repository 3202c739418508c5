"""Accounts, entries and postings, with the invariants in the database.

Every entry sums to zero in each unit (a deferred trigger looks at commit); an account's balance is moved by the same
statement that writes its postings (a trigger with transition tables, so a thousand entries cost one update); entries and
postings are never changed or deleted; an entry is reversed at most once; an idempotency key is used once.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class Account(models.Model):
    """One account of a company: `code` says what it holds ("outlet:payable"), `outlet_id` for whom.

    `unit` is CNY (integer fen) or a stock unit. `balance` follows the postings; `floor` is the least it may be.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    code = models.CharField(max_length=60)
    unit = models.CharField(max_length=20, default="CNY")
    region_id = models.BigIntegerField(null=True)
    outlet_id = models.BigIntegerField(null=True)
    balance = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(null=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("account")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "unit", "code", "outlet_id"], nulls_distinct=False, name="account_once"
            ),
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(balance__gte=F("floor")),
                name="account_not_under_its_floor",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Entry(models.Model):
    """One thing that happened, in money or stock: its postings sum to zero in every unit."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    source = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("entry")
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="entry_key_once")]
        indexes = [models.Index(fields=["source", "source_id"])]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="has_postings",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    IF NOT EXISTS (SELECT FROM ledger_posting WHERE entry_id = NEW.id) THEN
                        RAISE EXCEPTION 'ledger entry % has no postings', NEW.id USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Postings(Scoped):
    """Postings are found through their account."""

    company_path = ""
    region_path = "account__region_id"
    outlet_path = "account__outlet_id"


class Posting(models.Model):
    """An amount on an account: plus is debit, minus is credit."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings")
    amount = models.BigIntegerField()

    objects = Guarded.from_queryset(Postings)()

    class Meta:
        verbose_name = _("posting")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="posting_not_zero"),
            models.UniqueConstraint(fields=["entry", "account"], name="posting_once_an_account"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="moves_balances",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="""
                    UPDATE ledger_account AS account SET balance = balance + moved.amount
                    FROM (SELECT account_id, sum(amount) AS amount FROM new_rows GROUP BY account_id) AS moved
                    WHERE account.id = moved.account_id;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="entry_sums_to_zero",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    IF EXISTS (
                        SELECT FROM ledger_posting AS posting JOIN ledger_account AS account ON account.id = posting.account_id
                        WHERE posting.entry_id = NEW.entry_id GROUP BY account.unit HAVING sum(posting.amount) <> 0
                    ) THEN
                        RAISE EXCEPTION 'the postings of ledger entry % do not sum to zero', NEW.entry_id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]
