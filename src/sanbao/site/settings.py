"""Settings, one module for development, tests and production; what differs comes from the environment.

Every variable is listed in `.env.example` and explained in `docs/operations/set-up.md`.
"""

import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

import sanbao_run

ROOT = Path(__file__).resolve().parents[3]
STATE = Path(os.environ.get("SANBAO_STATE", ROOT / "var"))

# What opens /metrics and the details of /readyz; without it neither is there. The web's and the worker's processes write their counts
# into one folder, which prometheus_client has to know before it is imported (edge/instruments.py).
METRICS_TOKEN = os.environ.get("SANBAO_METRICS_TOKEN", "")
if METRICS_TOKEN and (os.environ.get("SANBAO_WEB") == "1" or sys.argv[1:3] == ["procrastinate", "worker"]):
    os.environ.setdefault(
        "PROMETHEUS_MULTIPROC_DIR", os.environ.get("SANBAO_METRICS_DIR") or str(STATE / "metrics")
    )


def _secret_key() -> str:
    """The key of this installation: from the environment, else made once and kept in the state folder."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = STATE / "secret-key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        pass
    key = secrets.token_urlsafe(50)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(key)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    except OSError:
        pass  # a read-only folder: sessions end with the process, nothing else does
    return key


def _table(name: str) -> dict[str, str]:
    """A variable "settlement.paid=SMS_1,*=SMS_2" as a table."""
    pairs = (pair.partition("=") for pair in os.environ.get(name, "").split(",") if pair.strip())
    return {key.strip(): value.strip() for key, _equals, value in pairs}


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
DEBUG = os.environ.get("DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
HTTPS = os.environ.get("HTTPS") == "1"

INSTALLED_APPS = [
    "sanbao.edge",
    "sanbao.ui",
    "sanbao.accounts",
    "sanbao.audit",
    "sanbao.files",
    "sanbao.views",
    "sanbao.regulations",
    "sanbao.decisions",
    "sanbao.ledger",
    "sanbao.notices",
    "sanbao.outlets",
    "sanbao.imports",
    "sanbao.hooks",
    "sanbao.documents",
    "sanbao.customers",
    "sanbao.products",
    "sanbao.knowledge",
    "sanbao.improvements",
    "sanbao.intake",
    "sanbao.workorders",
    "sanbao.callbacks",
    "sanbao.surveys",
    "sanbao.complaints",
    "sanbao.portal",
    "sanbao.settlements",
    "sanbao.backtests",
    "sanbao.privacy",
    "sanbao.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",  # indexes with a class of operators (edge.search)
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "sanbao.ui.apps.Partials",
    "sanbao.ui.apps.Cotton",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "sanbao.edge.proxy.client_address",
    "sanbao.edge.headers.headers",
    "sanbao.edge.watch.watch",
    "sanbao.edge.headers.ContentPolicy",
    "django.middleware.security.SecurityMiddleware",
    "sanbao.edge.hygiene.hygiene",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sanbao.accounts.sessions.origins",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sanbao.outlets.middleware.access",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sanbao.ui.middleware.refusals",
]

ROOT_URLCONF = "sanbao.site.urls"
WSGI_APPLICATION = "sanbao.site.wsgi.application"
ASGI_APPLICATION = None

_LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _LOADERS if DEBUG else [("sanbao.ui.steady.Loader", _LOADERS)],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "sanbao.ui.templatetags.once",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "sanbao.site.context.surroundings",
            ],
        },
    }
]
FORM_RENDERER = "sanbao.ui.form_dress.TablerRenderer"

DATABASES = {"default": sanbao_run.database_settings()}
# In the web's processes: how long to wait for somebody else's lock, and how long one statement may take.
WEB_PATIENCE = "-c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=60s -c constraint_exclusion=on"
if os.environ.get("SANBAO_WEB") == "1" and not DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"]:
    _options = DATABASES["default"]["OPTIONS"]
    _options["options"] = f"{_options.get('options', '')} {WEB_PATIENCE}".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["sanbao.accounts.signing_in.ByPassword"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# "asvs" or "mlps" (网络安全等级保护: rotation, history, composition); see accounts/passwords.py.
PASSWORD_POLICY = "mlps" if os.environ.get("SANBAO_PASSWORDS") == "mlps" else "asvs"
# Posts that need a second factor (roles.py) open nothing before one is set up; in a demonstration they are only reminded.
SECOND_FACTOR = "postponed" if os.environ.get("SANBAO_DEMO") == "1" else "required"
# allauth gives the mechanisms of second factors; none of its pages is in urls.py, nobody signs up, nothing is mailed.
MFA_ADAPTER = "sanbao.accounts.mfa.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_RECOVERY_CODE_DIGITS = 10
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
REFUSED_AFTER = 0.33  # seconds: no refused sign-in is answered sooner, whatever was wrong
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"

SESSION_ENGINE = "sanbao.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # a working day; then everybody signs in again (ASVS 7.3.2)
SESSION_IDLE = timedelta(hours=2)  # ASVS 7.3.1
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_FAILURE_VIEW = "sanbao.ui.views.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = os.environ.get("HSTS_SUBDOMAINS") == "1"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked by machines inside the house

# Machines of one's own that may be called ("host" or "host:port", with commas), and whether others may be called without TLS.
FETCH_ALLOWED = [
    host.strip().lower() for host in os.environ.get("SANBAO_FETCH_ALLOWED", "").split(",") if host.strip()
]
FETCH_PLAIN_HTTP = not HTTPS

# Our own address as people type it, for links in messages; without it they hold none, and links for one use are shown to administrators.
SITE_URL = os.environ.get("SANBAO_SITE", "").rstrip("/")
# Whether an edition is published only with a finished back-test of its content (docs/modules/regulations.md).
BACK_TEST_REQUIRED = os.environ.get("SANBAO_BACK_TEST") != "optional"

# Where an engineer's phone opens a map of an address, put in for {address}: by default the phone's own map.
MAP_URL = os.environ.get("SANBAO_MAP_URL", "geo:0,0?q={address}")
# Where the coordinates are known. An installation with a map of its own says here how that map takes them; else it gets the address.
MAP_POINT_URL = os.environ.get(
    "SANBAO_MAP_POINT_URL",
    "geo:{latitude},{longitude}?q={latitude},{longitude}({address})" if MAP_URL.startswith("geo:") else "",
)

# The mail server for messages. Without a host every e-mail becomes a dead letter that says so.
EMAIL_HOST = os.environ.get("SANBAO_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("SANBAO_MAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("SANBAO_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SANBAO_MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("SANBAO_MAIL_SECURITY", "starttls") == "starttls"
EMAIL_USE_SSL = os.environ.get("SANBAO_MAIL_SECURITY") == "ssl"
MAILBOXES = os.environ.get("SANBAO_MAILBOXES", "")
# By which channels a company takes in requests beside these, and their class: "hezao wechat class=other days=7; hezao sms".
CHANNELS = os.environ.get("SANBAO_CHANNELS", "")
DEFAULT_FROM_EMAIL = os.environ.get("SANBAO_MAIL_FROM", "sanbao@localhost")

# SMS: "json" (a gateway of JSON, signed with HMAC-SHA256) or "rpc" (signed parameters and templates, as the big clouds want them).
SMS_URL = os.environ.get("SANBAO_SMS_URL", "")
SMS_STYLE = os.environ.get("SANBAO_SMS_STYLE", "json")
SMS_KEY = os.environ.get("SANBAO_SMS_KEY", "")
SMS_SECRET = os.environ.get("SANBAO_SMS_SECRET", "")
SMS_SIGN = os.environ.get("SANBAO_SMS_SIGN", "")
SMS_TEMPLATES = _table("SANBAO_SMS_TEMPLATES")
# At most so many to one number in an hour and in a day; 0 is no limit.
SMS_HOURLY = int(os.environ.get("SANBAO_SMS_HOURLY", "5"))
SMS_DAILY = int(os.environ.get("SANBAO_SMS_DAILY", "20"))
# WeCom: the company's id, and number and secret of the application that writes.
WECOM_URL = os.environ.get("SANBAO_WECOM_URL", "https://qyapi.weixin.qq.com").rstrip("/")
WECOM_CORP = os.environ.get("SANBAO_WECOM_CORP", "")
WECOM_AGENT = int(os.environ.get("SANBAO_WECOM_AGENT", "0"))
WECOM_SECRET = os.environ.get("SANBAO_WECOM_SECRET", "")
# WeChat customer service (微信客服): its own secret, and the company's id where it is another than that of WeCom.
WECOM_KF_CORP = os.environ.get("SANBAO_WECOM_KF_CORP", "")
WECOM_KF_SECRET = os.environ.get("SANBAO_WECOM_KF_SECRET", "")
# WeChat: the official account, and a template for each kind of message.
WECHAT_URL = os.environ.get("SANBAO_WECHAT_URL", "https://api.weixin.qq.com").rstrip("/")
WECHAT_APP = os.environ.get("SANBAO_WECHAT_APP", "")
WECHAT_SECRET = os.environ.get("SANBAO_WECHAT_SECRET", "")
WECHAT_TEMPLATES = _table("SANBAO_WECHAT_TEMPLATES")

# What comes in by /hooks/<company>/<channel>/: the secret of signed JSON (sms, email); token and key (EncodingAESKey) of WeCom and WeChat.
HOOK_SECRET = os.environ.get("SANBAO_HOOK_SECRET", "")
WECOM_HOOK_TOKEN = os.environ.get("SANBAO_WECOM_HOOK_TOKEN", "")
WECOM_HOOK_KEY = os.environ.get("SANBAO_WECOM_HOOK_KEY", "")
WECOM_KF_HOOK_TOKEN = os.environ.get("SANBAO_WECOM_KF_HOOK_TOKEN", "")
WECOM_KF_HOOK_KEY = os.environ.get("SANBAO_WECOM_KF_HOOK_KEY", "")
WECHAT_HOOK_TOKEN = os.environ.get("SANBAO_WECHAT_HOOK_TOKEN", "")
WECHAT_HOOK_KEY = os.environ.get("SANBAO_WECHAT_HOOK_KEY", "")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
    }
}

# The proxy of deploy/ ends HTTPS and writes the client's address as the last entry of X-Forwarded-For.
BEHIND_PROXY = HTTPS

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
THEME_COOKIE_NAME = "__Host-theme" if HTTPS else "theme"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Tests and development compare the events a view leaves with those its mark names; tests ask more often than people may.
TESTING = os.environ.get("SANBAO_DATABASE") == "test"
CHECK_EVENTS = TESTING or DEBUG
RATES = not TESTING

DEMO = os.environ.get("SANBAO_DEMO") == "1"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SANBAO_STATIC", STATE / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = Path(os.environ.get("SANBAO_MEDIA", STATE / "media"))
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 30

# Where the log goes: "stdout" or a file, one line of JSON each; without it a terminal's form on stderr (edge/logs.py).
from sanbao.edge import logs as edge_logs  # noqa: E402  (below the folder of the metrics, which it leads to)

LOG = os.environ.get("SANBAO_LOG", "stdout" if os.environ.get("SANBAO_ENV") == "production" else "")
LOGGING = edge_logs.settings(LOG, os.environ.get("LOG_LEVEL", ""))
PROCRASTINATE_ON_APP_READY = "sanbao.edge.jobs.ready"

SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # X-Frame-Options is set by sanbao.edge.headers on every answer, tested over all URLs
    "security.W005",  # whether other hosts under the domain speak HTTPS is their keeper's to say: HSTS_SUBDOMAINS=1
    "security.W021",  # the same for the browsers' preload list
]

# Files that may be kept for ever have their content's hash in the name; the web's unit collects them before it starts (deploy/systemd).
if os.environ.get("SANBAO_ENV") == "production":
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    WHITENOISE_USE_FINDERS = False

# A server for real work does not start half configured: SANBAO_ENV=production is checked here, before anything answers.
PRODUCTION = os.environ.get("SANBAO_ENV") == "production"
if PRODUCTION:
    _wrong = [
        sentence
        for is_wrong, sentence in (
            (DEBUG, "DEBUG must not be set"),
            (
                len(os.environ.get("SECRET_KEY", "")) < 50,
                "SECRET_KEY must be in the environment, 50 characters or more",
            ),
            (
                "*" in ALLOWED_HOSTS or not os.environ.get("ALLOWED_HOSTS"),
                "ALLOWED_HOSTS must name the hosts, without *",
            ),
            (not HTTPS, "HTTPS must be 1"),
            (DEMO, "SANBAO_DEMO must not be set"),
            (
                0 < len(METRICS_TOKEN) < 20,
                "SANBAO_METRICS_TOKEN must have 20 characters or more, or not be set",
            ),
            (SMS_STYLE not in ("json", "rpc"), "SANBAO_SMS_STYLE must be json or rpc"),
            (
                bool(SMS_URL) and not (SMS_KEY and SMS_SECRET),
                "SANBAO_SMS_URL needs SANBAO_SMS_KEY and SANBAO_SMS_SECRET",
            ),
            (
                bool(SMS_URL) and SMS_STYLE == "rpc" and not (SMS_SIGN and SMS_TEMPLATES),
                "SANBAO_SMS_STYLE=rpc needs SANBAO_SMS_SIGN and SANBAO_SMS_TEMPLATES",
            ),
            (
                bool(WECOM_CORP) and not (WECOM_AGENT and WECOM_SECRET),
                "SANBAO_WECOM_CORP needs SANBAO_WECOM_AGENT and SANBAO_WECOM_SECRET",
            ),
            (
                bool(WECHAT_APP) and not (WECHAT_SECRET and WECHAT_TEMPLATES),
                "SANBAO_WECHAT_APP needs SANBAO_WECHAT_SECRET and SANBAO_WECHAT_TEMPLATES",
            ),
            (0 < len(HOOK_SECRET) < 32, "SANBAO_HOOK_SECRET must have 32 characters or more"),
            (
                any(len(key) not in (0, 43) for key in (WECOM_HOOK_KEY, WECOM_KF_HOOK_KEY, WECHAT_HOOK_KEY)),
                "SANBAO_WECOM_HOOK_KEY, SANBAO_WECOM_KF_HOOK_KEY and SANBAO_WECHAT_HOOK_KEY must have 43 characters",
            ),
            (
                bool(WECOM_HOOK_TOKEN) and not (WECOM_HOOK_KEY and WECOM_CORP),
                "SANBAO_WECOM_HOOK_TOKEN needs SANBAO_WECOM_HOOK_KEY and SANBAO_WECOM_CORP",
            ),
            (
                bool(WECOM_KF_SECRET or WECOM_KF_HOOK_TOKEN)
                and not (
                    WECOM_KF_SECRET
                    and WECOM_KF_HOOK_TOKEN
                    and WECOM_KF_HOOK_KEY
                    and (WECOM_KF_CORP or WECOM_CORP)
                ),
                "SANBAO_WECOM_KF_SECRET needs SANBAO_WECOM_KF_HOOK_TOKEN, SANBAO_WECOM_KF_HOOK_KEY and SANBAO_WECOM_KF_CORP or SANBAO_WECOM_CORP",
            ),
            (
                any(url and not url.startswith("https://") for url in (SMS_URL, WECOM_URL, WECHAT_URL)),
                "the addresses in SANBAO_SMS_URL, SANBAO_WECOM_URL and SANBAO_WECHAT_URL must begin with https://",
            ),
        )
        if is_wrong
    ]
    if _wrong:
        raise ImproperlyConfigured(
            f"SANBAO_ENV=production, but {'; '.join(_wrong)}. See docs/operations/set-up.md."
        )
