"""The register of certificates: who may do what, and until when."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sanbao.audit.models import Event
from sanbao.notices.models import Notice
from sanbao.outlets import operations, queries
from sanbao.outlets.models import Certificate
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def certify(cast: Cast, who: str = "owner-GZ001", number: str = "G-1", **told: object) -> Certificate:
    number = str(told.pop("number", number))
    given: dict[str, object] = {
        "kind": "gas",
        "issued_on": date(2025, 6, 1),
        "valid_until": date(2026, 6, 30),
    }
    given.update(told)
    return operations.keep_certificate(
        cast.people[who], given.pop("kind"), number, by=cast.access("supervisor"), at=NOW, **given
    )  # fmt: skip


def test_a_certificate_counts_from_its_first_day_to_its_last(cast: Cast) -> None:
    """EN-1."""
    certify(cast)
    person = cast.people["owner-GZ001"].pk
    held = [queries.valid_certificates(cast.company.pk, day).get(person) for day in
            (date(2025, 5, 31), date(2025, 6, 1), date(2026, 6, 30), date(2026, 7, 1))]  # fmt: skip
    assert held == [None, {"gas"}, {"gas"}, None]


def test_one_without_an_end_holds_for_good(cast: Cast) -> None:
    certify(cast, valid_until=None)
    assert queries.valid_certificates(cast.company.pk, date(2099, 1, 1)) == {
        cast.people["owner-GZ001"].pk: {"gas"}
    }


def test_the_same_number_again_renews_it_and_the_earlier_one_stays_readable(cast: Cast) -> None:
    first = certify(cast)
    second = certify(cast, number="g-1 ", valid_until=date(2029, 6, 30))
    first.refresh_from_db()
    assert (first.ended_on, second.ended_on) == (TODAY, None)
    assert second.number == "G-1"
    assert certify(cast, valid_until=date(2029, 6, 30)) == second  # said twice, it is the same


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "flying"}, "kind"),
        ({"number": "  "}, "number"),
        ({"number": "9" * 41}, "number"),
        ({"issued_on": TODAY + timedelta(days=1), "valid_until": None}, "future"),
        ({"valid_until": date(2025, 5, 31)}, "ends_before"),
        ({"kind": "other"}, "name"),
    ],
)
def test_what_no_certificate_can_be_is_refused(cast: Cast, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        certify(cast, **changes)
    assert refused.value.code == code
    assert not Certificate.objects.exists()


def test_a_number_of_somebody_else_is_refused(cast: Cast) -> None:
    certify(cast)
    with pytest.raises(Refusal) as refused:
        certify(cast, who="owner-NB011")
    assert refused.value.code == "taken"


def test_somebody_without_a_post_gets_none(cast: Cast) -> None:
    posting = cast.people["owner-GZ001"].postings.get()
    operations.dismiss(posting, on=TODAY, by=cast.access("admin"), at=NOW)
    with pytest.raises(Refusal) as refused:
        certify(cast)
    assert refused.value.code == "no_post"


def test_an_ended_one_no_longer_counts_and_says_why(cast: Cast) -> None:
    found = operations.end_certificate(certify(cast), reason="吊销", by=cast.access("admin"), at=NOW)
    assert found.ended_why == "吊销"
    assert queries.valid_certificates(cast.company.pk, TODAY) == {}
    assert Event.objects.get(action="outlets:certificate:ended").details["reason"] == "吊销"
    with pytest.raises(Refusal):
        operations.end_certificate(found, reason="again", by=cast.access("admin"), at=NOW)


def test_outlets_read_their_own_people_s_and_keep_none(cast: Cast) -> None:
    mine, other = certify(cast), certify(cast, who="owner-SZ021", number="G-2")
    assert list(queries.certificates(cast.access("owner-GZ001"))) == [mine]
    assert list(queries.certificates(cast.access("east"))) == [mine]
    assert set(queries.certificates(cast.access("head"))) == {mine, other}
    with pytest.raises(PermissionDenied):
        operations.keep_certificate(
            cast.people["owner-GZ001"], "gas", "G-9", issued_on=TODAY, by=cast.access("owner-GZ001"), at=NOW
        )


def test_holder_and_keepers_are_told_once_thirty_days_before_the_end(cast: Cast) -> None:
    certify(cast, valid_until=TODAY + timedelta(days=31))
    assert operations.tell_of_ending_certificates(NOW) == 0
    for days in (1, 2):
        operations.tell_of_ending_certificates(NOW + timedelta(days=days))
    told = Notice.objects.filter(kind__startswith="outlets:")
    own = told.filter(kind="outlets:own-certificate")
    assert [notice.person for notice in own] == [cast.people["owner-GZ001"]]
    assert cast.people["supervisor"].pk in told.filter(kind="outlets:certificate").values_list(
        "person", flat=True
    )
    assert told.count() == len({(notice.person_id, notice.kind) for notice in told})


def test_the_page_keeps_a_certificate_with_its_photograph_and_hands_it_out(cast: Cast, sign_in) -> None:
    browser = sign_in("admin")
    person = cast.people["owner-GZ001"]
    fields = {
        "person": person.pk, "kind": "gas", "number": "r 320106199001011234", "issued_on": "2026-01-05", "valid_until": "2032-01-04",
        "file": SimpleUploadedFile("证书.pdf", b"%PDF-1.4"),
    }  # fmt: skip
    assert browser.post(reverse("outlets:certificate-add"), fields).status_code == 303
    kept = Certificate.objects.get()
    page = browser.get(reverse("accounts:person", args=[person.pk])).content.decode()
    assert "320106199001011234" not in page
    assert reverse("outlets:certificate-file", args=[kept.pk]) in page
    taken = browser.get(reverse("outlets:certificate-file", args=[kept.pk]))
    assert b"".join(taken.streaming_content) == b"%PDF-1.4"
    assert (
        browser.post(reverse("outlets:certificate-end", args=[kept.pk]), {"reason": "x"}).status_code == 303
    )


def test_the_list_shows_what_ends_soon_and_what_has_run_out(cast: Cast, sign_in) -> None:
    from django.utils import timezone

    today = timezone.localdate()
    for number, left in (("A", 400), ("B", 20), ("C", -3)):
        certify(
            cast,
            number=number,
            kind="other",
            name=f"证书{number}",
            issued_on=date(2020, 1, 1),
            valid_until=today + timedelta(days=left),
        )
    address = reverse("outlets:certificates")
    browser = sign_in("supervisor")

    def shown(tab: str) -> str:
        page = browser.get(f"{address}?tab={tab}").content.decode()
        return "".join(letter for letter in "ABC" if f"证书{letter}" in page)

    assert [shown(tab) for tab in ("valid", "expiring", "run-out", "all")] == ["AB", "B", "C", "ABC"]


def test_an_erasure_takes_number_and_scan_with_the_name(cast: Cast) -> None:
    from sanbao.audit.personal import erasing
    from sanbao.privacy.operations import rename_former

    kept = certify(cast, number="320106199001011234")
    with erasing():
        rename_former(cast.people["owner-GZ001"], by=cast.access("admin"), at=NOW)
    kept.refresh_from_db()
    assert "320106" not in kept.number
