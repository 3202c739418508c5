"""The WSGI entry for gunicorn."""

import gc
import os

gc.disable()  # what is loaded below stays: looking through it again and again would cost a fifth of the start

from sanbao.edge.dataclass_bodies import share_bodies  # noqa: E402

share_bodies()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import get_resolver, reverse  # noqa: E402

from sanbao.edge.frames import roomy  # noqa: E402

os.environ.setdefault("SANBAO_WEB", "1")  # nobody at a page waits longer than settings.WEB_PATIENCE
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")
application = roomy(get_wsgi_application())
from sanbao.edge.plain import plain_locals, plain_ninja, plain_words  # noqa: E402  (below the settings)

plain_locals()
plain_words()
plain_ninja()
get_resolver().url_patterns  # noqa: B018  (all views: loaded before the workers fork, they share their memory, and no first visitor waits)
reverse(
    "home"
)  # the tree by names, and the tags of all templates: else the first page of each worker makes its own
engines.all()
# What is loaded by now lives as long as the process: the collector need not look at it, and forked workers go on sharing its memory.
# A page makes some ten thousand objects, which the counting of references frees; the collector has little to do. Looking seldom would
# save next to nothing, and lets circles of ten megabytes and more lie in each worker.
gc.freeze()
gc.set_threshold(10_000, 10, 10)
gc.enable()
