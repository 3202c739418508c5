"""Django's thread-locals and catalogues of words made plain, in the web's processes.

Django keeps the language, the time zone, the connections and the URL tree in `asgiref.local.Local`, which also knows event loops and costs
some microseconds an access; a page asks for them ten thousand times. Our web has threads and no event loop (edge/serving.py), so
`threading.local` means the same there. The worker has a loop, and keeps Django's.

Django means to merge the catalogues whose plurals are formed alike, but compares a function's code with a function (5.2,
`TranslationCatalog.update`): every module's catalogue stays by itself, and each of a page's hundreds of words is looked for in thirty.

Ninja asks `django.test` for a signal that lives in `django.core`, and with it come Django's test client, `unittest` and an XML library.
"""

import sys
import threading
from collections.abc import Callable

from django.conf import settings
from django.core import signals
from django.core.cache import caches
from django.db import connections
from django.urls import base as urls
from django.utils import timezone
from django.utils.translation import trans_real

# Where Django keeps them: (owner, name).
PLACES = (
    (trans_real, "_active"),
    (timezone, "_active"),
    (urls, "_prefixes"),
    (urls, "_urlconfs"),
    (connections, "_connections"),
    (caches, "_connections"),
)


def plain_locals() -> None:
    """Called once, before the first request; what the starting thread had open is given up."""
    connections.close_all()
    for owner, name in PLACES:
        getattr(owner, name)  # a Django that keeps it elsewhere is noticed at the start
        setattr(owner, name, threading.local())


def plain_words() -> None:
    """One catalogue for each language and way of forming plurals; what a word means does not change."""
    for language, _name in settings.LANGUAGES:
        words = trans_real.translation(language)._catalog
        catalogs: list[dict[object, str]] = []
        plurals: list[Callable[[int], int]] = []
        for catalog, plural in zip(words._catalogs, words._plurals, strict=True):
            if plurals and plural.__code__ == plurals[-1].__code__:
                catalogs[-1] = catalog | catalogs[-1]  # what stands before has the say
            else:
                catalogs.append(catalog)
                plurals.append(plural)
        words._catalogs, words._plurals = catalogs, plurals


def plain_ninja() -> None:
    """Load Ninja without Django's tests; whoever asks for those afterwards gets them."""
    where = "django.test.signals"
    if where in sys.modules:
        return
    sys.modules[where] = signals
    try:
        import ninja  # noqa: F401
    finally:
        del sys.modules[where]
