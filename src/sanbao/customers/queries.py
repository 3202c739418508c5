"""Reading customers."""

import re
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from sanbao.accounts.access import Access
from sanbao.accounts.finding import MOST_FOUND, numbers
from sanbao.customers.models import Address, Contact, Customer
from sanbao.customers.permissions import May
from sanbao.edge.search import ends, inside
from sanbao.ui.readers.values import half_width

FEWEST_DIGITS = 4
_BLANKS = re.compile(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])")


def customers(access: Access) -> QuerySet[Customer]:
    """The customers a person may see; duplicates that were merged are left out."""
    return Customer.objects.visible_to(access, May.SEE).filter(merged_into__isnull=True)


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer that was found, and the contact by which."""

    customer: Customer
    contact: Contact | None


def digits_of(words: str) -> str:
    """The digits of a telephone or its end, as contacts hold them; "" where the words mean something else."""
    if not re.fullmatch(r"[\d\s\-+()]+", words):
        return ""
    return re.sub(r"^(?:\+|00)86(?=\d{7})", "", re.sub(r"[\s\-()]", "", words))


def named(words: str) -> Q:
    """Customers of a name, a piece of it, with or without blanks between its characters, or of pinyin initials or a number."""
    where = inside("name", words) if len(words) > 1 else Q(name__startswith=words)
    if (closed := _BLANKS.sub("", words)) != words:
        where |= inside("name", closed)
    if words.isascii():
        where |= Q(initials__startswith=words.lower()) | Q(number=words.upper())
    return where


def found(access: Access, words: str, *, most: int = MOST_FOUND) -> list[int]:
    """The numbers of the customers that some words mean: telephone, its last four digits or more, name, pinyin initials, number.

    Newest first. Digits are looked up as telephones, letters as initials and in names. Full-width signs, the country's prefix and blanks in a
    Chinese name are read as they are meant.
    """
    words = half_width(words).strip()
    rows = customers(access)
    if digits := digits_of(words):
        if len(digits) < FEWEST_DIGITS:
            return []
        contacts = Contact.objects.visible_to(access, May.SEE).filter(
            ends("phone", digits) | Q(phone__startswith=digits),
            ended_at__isnull=True,
            customer__merged_into__isnull=True,
        )
        if access.company_id is not None:
            contacts = contacts.filter(company_id=access.company_id)
        by_contact = numbers(contacts, most=most)
        return list(
            dict.fromkeys(
                Contact.objects.filter(pk__in=by_contact)
                .order_by("-pk")
                .values_list("customer_id", flat=True)
            )
        )
    return numbers(rows.filter(named(words)), most=most) if words else []


def find(access: Access, words: str, *, most: int = 8) -> list[Hit]:
    """The few customers that some words mean, with the contact to be called."""
    order = found(access, words, most=most)
    rows = customers(access).in_bulk(order)
    contacts: dict[int, Contact] = {}
    tail = re.sub(r"\D", "", half_width(words))
    for contact in Contact.objects.filter(customer_id__in=order, ended_at__isnull=True).order_by(
        "-preferred", "id"
    ):
        fits = bool(tail) and tail in contact.phone.replace("-", "")
        if contact.customer_id not in contacts or fits:
            contacts[contact.customer_id] = contact
    return [Hit(rows[pk], contacts.get(pk)) for pk in order if pk in rows]


def coordinates_of(customer: Customer, text: str) -> str:
    """Where the customer's address of these words lies; "" where nobody knows."""
    rows = Address.objects.filter(customer=customer, ended_at__isnull=True).exclude(coordinates="")
    return next((row.coordinates for row in rows if str(row) == text), "")


def by_contact(
    company_id: int,
    *,
    phone: str = "",
    email: str = "",
    wechat: str = "",
    wecom: str = "",
    wecom_kf: str = "",
) -> list[Customer]:
    """The customers of a company whom a telephone, a mail address or an account belongs to; several where it is shared."""
    who = {
        name: value
        for name, value in (
            ("phone", phone), ("email", email.lower()), ("wechat", wechat), ("wecom", wecom), ("wecom_kf", wecom_kf),
        )
        if value
    }  # fmt: skip
    if not who:
        return []
    return list(
        Customer.objects.filter(
            company_id=company_id, merged_into__isnull=True,
            pk__in=Contact.objects.filter(company_id=company_id, ended_at__isnull=True, **who).values("customer_id"),
        ).order_by("-pk")[:20]
    )  # fmt: skip


def number_of(by: Access, pk: int) -> str:
    """The number of a customer of the company, also of one that was merged; "" where there is none."""
    found = Customer.objects.filter(company_id=by.company_id, pk=pk).values_list("number", flat=True).first()
    return found or ""
