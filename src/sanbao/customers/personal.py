"""A customer's data in the customers' own records. Asked by the privacy module."""

from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.customers.models import Address, Consent, Contact, Customer

M = TypeVar("M", bound=Model)
KINDS = {"customers": gettext_noop("customers")}


def customers_of(subject: Subject) -> QuerySet[Customer]:
    """The customers whom the telephone belongs to, ended contacts too; with a name, only those of that name."""
    rows = Customer.objects.filter(company_id=subject.company_id, erased_at__isnull=True)
    if subject.phone:
        contacts = Contact.objects.filter(company_id=subject.company_id, phone=subject.phone)
        rows = rows.filter(pk__in=contacts.values("customer_id"))
    if subject.name:
        rows = rows.filter(name=subject.name)
    return rows if subject.phone or subject.name else rows.none()


def theirs(
    rows: QuerySet[M], subject: Subject, *, telephones: tuple[str, ...] = ("phone",), name: str = "contact"
) -> QuerySet[M]:
    """Those of `rows` with the subject's telephone or of its customer; with a name, only those of that name."""
    if not (subject.phone or subject.name):
        return rows.none()
    told = Q(**{name: subject.name}) if subject.name else Q()
    if subject.phone:
        told &= Q(*((telephone, subject.phone) for telephone in telephones), _connector=Q.OR)
    return rows.filter(Q(customer__in=customers_of(subject)) | told)


def addresses_of(subject: Subject) -> set[str]:
    """The customer's mail addresses and accounts, ended ones too (audit.personal.ADDRESSES)."""
    rows = Contact.objects.filter(customer__in=customers_of(subject)).values_list(
        "email", "wechat", "wecom", "wecom_kf"
    )
    return {address for row in rows for address in row}


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set(customers_of(subject).values_list("name", flat=True))

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        rows = customers_of(subject).prefetch_related("contacts", "addresses", "consents").order_by("id")
        return {
            "customers": [
                {
                    "number": row.number,
                    "name": row.name,
                    "kind": row.get_kind_display(),
                    "note": row.note,
                    "plan": row.plan,
                    "since": row.made_at.isoformat(),
                    "contacts": [
                        {"name": c.name, "role": c.role, "phone": c.phone, "email": c.email, "wechat": c.wechat, "wecom": c.wecom, "wecom_kf": c.wecom_kf}
                        for c in row.contacts.all()
                    ],
                    "addresses": [" ".join(filter(None, (str(address), address.coordinates))) for address in row.addresses.all()],
                    "consents": [
                        {"purpose": str(Consent.Purpose(c.purpose).label), "how": c.how, "given_at": c.given_at.isoformat(),
                         "withdrawn_at": c.withdrawn_at.isoformat() if c.withdrawn_at else None}
                        for c in row.consents.all()
                    ],
                }
                for row in rows
            ]
        }  # fmt: skip

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        """None of their own: what must be kept are the records of work, which speak for themselves."""
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        return []

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """Name, contacts, addresses and notes go; number, kind and consents stay, for requests and units hang on them."""
        ids = list(customers_of(subject).select_for_update().order_by("id").values_list("pk", flat=True))
        contacts = Contact.objects.filter(customer_id__in=ids)
        addresses = Address.objects.filter(customer_id__in=ids)
        touched = {
            Contact: list(contacts.values_list("pk", flat=True)),
            Address: list(addresses.values_list("pk", flat=True)),
        }
        contacts.update(
            name="",
            role="",
            phone=ERASED,
            email="",
            wechat="",
            wecom="",
            wecom_kf="",
            preferred=False,
            ended_at=at,
        )
        addresses.update(
            label="",
            province="",
            city="",
            district="",
            text=ERASED,
            coordinates="",
            preferred=False,
            ended_at=at,
        )
        Customer.objects.filter(pk__in=ids).update(
            name=ERASED, initials="", note="", plan="", tags=[], erased_at=at
        )
        scrub_history(Customer._meta.db_table, ids)
        for model, numbers in touched.items():
            scrub_history(model._meta.db_table, numbers)
        scrub_events(Customer._meta.label_lower, ids, [], label=True)
        return {"customers": len(ids)}
