"""Where a thing's page is, by convention: a model "ledger.entry" has its page at "ledger:entry"."""

from django.urls import NoReverseMatch, reverse


def page_of(thing: str, pk: int) -> str:
    """The address of a thing's page; "" where it has none."""
    try:
        return reverse(thing.replace(".", ":"), args=[pk])
    except NoReverseMatch:
        return ""
