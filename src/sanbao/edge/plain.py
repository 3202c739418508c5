"""Django's thread-locals made plain, in the web's processes.

Django keeps the language, the time zone, the connections and the URL tree in `asgiref.local.Local`, which also knows event loops and costs
some microseconds an access; a page asks for them ten thousand times. Our web has threads and no event loop (edge/serving.py), so
`threading.local` means the same there. The worker has a loop, and keeps Django's.
"""

import threading

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
