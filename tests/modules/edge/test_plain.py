"""Django's locals made plain in the web's processes: the same meaning, found where Django keeps them."""

import threading

import pytest
from django.utils import timezone, translation

from sanbao.edge import plain


@pytest.fixture
def plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in plain.PLACES:
        if name != "_connections":  # the test's own connection stays
            monkeypatch.setattr(owner, name, threading.local())


def test_django_keeps_its_locals_where_they_are_made_plain() -> None:
    """A Django that keeps them elsewhere fails here."""
    for owner, name in plain.PLACES:
        assert type(getattr(owner, name)).__module__ in ("asgiref.local", "_thread"), (owner, name)


def test_each_thread_has_its_own_language_and_zone(plainly: None) -> None:
    told = []

    def other() -> None:
        told.append((translation.get_language(), str(timezone.get_current_timezone())))

    with translation.override("en"), timezone.override("UTC"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert (translation.get_language(), str(timezone.get_current_timezone())) == ("en", "UTC")
    assert told == [("zh-hans", "Asia/Shanghai")]
