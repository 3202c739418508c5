"""The WSGI entry for gunicorn."""

import gc
import os

gc.disable()  # what is loaded below stays: looking through it again and again would cost a fifth of the start

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from sanbao.edge.frames import roomy  # noqa: E402

os.environ.setdefault("SANBAO_WEB", "1")  # nobody at a page waits longer than settings.WEB_PATIENCE
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")
application = roomy(get_wsgi_application())
from sanbao.edge.plain import plain_locals, plain_words  # noqa: E402  (below the settings)

plain_locals()
plain_words()
get_resolver().url_patterns  # noqa: B018  (all views: loaded before the workers fork, they share their memory, and no first visitor waits)
# What is loaded by now lives as long as the process: the collector need not look at it, and forked workers go on sharing its memory.
# A page makes some ten thousand objects, which the counting of references frees; the collector has little to do.
gc.freeze()
gc.set_threshold(50_000, 20, 50)
gc.enable()
