"""Where and when each person wants to hear of what: their choices, their addresses, and what follows for one happening."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.notices import addresses as shapes
from sanbao.notices import wording
from sanbao.notices.kinds import EMAIL, KINDS, PRODUCT, Kind, shown_kinds
from sanbao.notices.models import Address, Message, Preference
from sanbao.notices.operations import send
from sanbao.notices.providers import Nobody, provider_for
from sanbao.ui.refusal import Refusal

# How a colleague is told; customer service leads to customers only.
CHANNELS = tuple(each for each in Message.Channel if each != Message.Channel.WECOM_KF)


@dataclass(frozen=True, slots=True)
class Way:
    """How one person is told of one happening: as an unread line, in the daily mail, at addresses now or (`due_at`) later."""

    product: bool = True
    digest: bool = False
    language: str = "zh-hans"
    due_at: datetime | None = None
    addresses: dict[str, str] = field(default_factory=dict)


def ways(people: Sequence[Person], kind: Kind, *, company_id: int | None, at: datetime) -> dict[int, Way]:
    """The way of each person, by number: two queries for however many."""
    chosen = {
        row.person_id: row for row in Preference.objects.filter(company_id=company_id, person__in=people)
    }
    wanted = {person.pk: wants(chosen.get(person.pk), kind) for person in people}
    known = addresses([person for person in people if wanted[person.pk] - {PRODUCT}])
    return {
        person.pk: _way(chosen.get(person.pk), kind, wanted[person.pk], known.get(person.pk, {}), at)
        for person in people
    }


def wants(chosen: Preference | None, kind: Kind) -> set[str]:
    """The ways the person wants for the kind; what may not be switched off follows the table alone."""
    if chosen is None or not kind.optional:
        return set(kind.channels)
    return set(chosen.channels.get(kind.code, kind.channels))


def _way(
    chosen: Preference | None, kind: Kind, wanted: set[str], known: Mapping[str, str], at: datetime
) -> Way:
    there = {channel: known[channel] for channel in CHANNELS if channel in wanted and channel in known}
    if chosen is None:
        return Way(PRODUCT in wanted, addresses=there)
    digest = chosen.digest and kind.optional and not kind.urgent and EMAIL in there
    if digest:
        del there[Message.Channel.EMAIL]
    due_at = None if kind.urgent else end_of_quiet(chosen, at)
    return Way(PRODUCT in wanted, digest, chosen.language, due_at, there)


def end_of_quiet(chosen: Preference, at: datetime) -> datetime | None:
    """When the quiet hours that `at` falls into are over; None outside them. They may span midnight."""
    begin, end = chosen.quiet_from, chosen.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = timezone.localtime(at)
    now = local.time()
    over_midnight = begin > end
    if not (begin <= now < end or (over_midnight and (now >= begin or now < end))):
        return None
    day = local.date() + timedelta(days=1 if over_midnight and now >= begin else 0)
    return timezone.make_aware(datetime.combine(day, end))


def addresses(people: Iterable[Person]) -> dict[int, dict[str, str]]:
    """The addresses of people by channel: one query, none for nobody."""
    found: dict[int, dict[str, str]] = {person.pk: {} for person in people}
    if found:
        for row in Address.objects.filter(person_id__in=found):
            found[row.person_id][row.channel] = row.address
    return found


def language(person: Person, company_id: int | None) -> str:
    """The language the person wants messages in."""
    chosen = Preference.objects.filter(company_id=company_id, person=person).first()
    return chosen.language if chosen else "zh-hans"


def usable(channel: str) -> bool:
    """Whether this installation can send by the channel."""
    return not isinstance(provider_for(channel), Nobody)


def chosen_by(access: Access) -> Preference:
    """The person's choices; unsaved ones, as they are without any, where there are none."""
    rows = Preference.objects.of(access)
    return rows.first() or Preference(company_id=access.company_id, person_id=access.person_id)


def kinds_for(access: Access) -> list[Kind]:
    """The kinds that somebody with these posts can be told of."""
    return [kind for kind in shown_kinds() if not kind.permission or access.may(kind.permission)]


@transaction.atomic
def choose(
    ticked: Collection[tuple[str, str]],
    *,
    language: str,
    quiet: tuple[time | None, time | None],
    digest: bool,
    by: Access,
    at: datetime,
) -> Preference:
    """Keep a person's choices: `ticked` are the (kind, channel) they want. Ways without an address keep what they were.

    Refuses quiet hours with one end.
    """
    if (quiet[0] is None) != (quiet[1] is None):
        raise Refusal(_("Give both times, or none."), field="quiet_until", code="quiet")
    stored, _made = Preference.objects.select_for_update().get_or_create(
        company_id=by.company_id, person_id=by.person_id
    )
    reached = {PRODUCT, *Address.objects.filter(person_id=by.person_id).values_list("channel", flat=True)}
    channels = dict(stored.channels)
    for kind in kinds_for(by):
        if not kind.optional:
            continue
        kept = {channel for channel in wants(stored, kind) if channel not in reached}
        wanted = kept | {channel for code, channel in ticked if code == kind.code and channel in reached}
        channels[kind.code] = [channel for channel in (PRODUCT, *CHANNELS) if channel in wanted]
        if set(channels[kind.code]) == set(kind.channels):
            del channels[kind.code]
    stored.language, stored.digest, stored.channels = language, digest, channels
    stored.quiet_from, stored.quiet_until = quiet
    stored.save()
    audit.record("notices:preference:chosen", stored.person, by=by, at=at)
    return stored


@transaction.atomic
def keep_address(person: Person, channel: str, address: str, *, by: Access, at: datetime) -> None:
    """Set where a person is reached on a channel, or with an empty address no more. The earlier address is told (ASVS 6.3.7).

    Who may do it for whom the caller has asked.
    """
    wanted = shapes.read(channel, address.strip()) if address.strip() else ""
    Person.objects.select_for_update().get(pk=person.pk)
    before = Address.objects.filter(person=person, channel=channel).first()
    if wanted == (before.address if before else ""):
        return
    if before:
        _tell_the_earlier(person, before, by, at)
        before.delete()
    if wanted:
        Address.objects.create(
            person=person, channel=channel, address=wanted, set_at=at, set_by_id=by.person_id
        )
    audit.record("notices:address:kept", person, by=by, at=at, channel=str(channel), removed=not wanted)


def _tell_the_earlier(person: Model, before: Address, by: Access, at: datetime) -> None:
    kind = KINDS["accounts:address"]
    tongue = language(before.person, by.company_id)
    kept = wording.plain(kind, {"person": before.person.name, "moment": at})
    words = wording.in_language(kind, kept, tongue, wording.own_words(by.company_id or 0, [kind.code]))
    short = before.channel in (Message.Channel.SMS, Message.Channel.WECHAT)
    send(
        before.address, words.subject, words.subject if short else words.text,
        key=f"{kind.code}:{before.pk}", about=person, by=by, at=at, channel=before.channel, kind=kind.code,
        values=wording.values(kind, kept, tongue),
    )  # fmt: skip
