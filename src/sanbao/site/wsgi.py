"""The WSGI entry for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("SANBAO_WEB", "1")  # nobody at a page waits longer than settings.WEB_PATIENCE
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")
application = get_wsgi_application()
