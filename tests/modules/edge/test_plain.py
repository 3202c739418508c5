"""Django's locals made plain in the web's processes: the same meaning, found where Django keeps them."""

import itertools
import threading

import pytest
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import trans_real

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


def test_one_catalogue_says_what_thirty_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a word means and how plurals are formed stays; each language has one catalogue for each way of forming plurals."""
    for language, _name in settings.LANGUAGES:
        words = trans_real.translation(language)._catalog
        monkeypatch.setattr(words, "_catalogs", list(words._catalogs))
        monkeypatch.setattr(words, "_plurals", list(words._plurals))
        before = {key: words.get(key) for key in list(words.keys())}
        plain.plain_words()
        assert {key: words.get(key) for key in list(words.keys())} == before
        ways = [plural.__code__ for plural in words._plurals]
        assert all(one != other for one, other in itertools.pairwise(ways))
    with translation.override("zh-hans"):
        assert translation.gettext("Notices") == "提醒"
        assert translation.ngettext("At most %(count)d character.", "At most %(count)d characters.", 2) != ""
