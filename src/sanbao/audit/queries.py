"""Reading the event log."""

from django.db.models import Model, QuerySet

from sanbao.audit.models import Event


def about(thing: Model) -> QuerySet[Event]:
    """What happened to one thing, newest first. Whoever may see the thing may see its events."""
    return (
        Event.objects.filter(thing=thing._meta.label_lower, thing_id=thing.pk)
        .select_related("by")
        .order_by("-id")
    )
