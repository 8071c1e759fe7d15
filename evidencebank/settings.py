"""The one settings file: typed values from the environment, with defaults that suit a laptop.

Each variable is read by `_read` and described in docs/operations.md. All bad and missing values are collected and
reported together, at the end. SITE_URL makes this a public installation, which needs several others.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from evidencebank import setting_values as values
from evidencebank.setting_values import BASE_DIR
from evidencebank.watching import logs
from search.engines import ENGINES

Value = TypeVar("Value")
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
_problems: list[str] = []
SETTINGS_READ: set[str] = set()
"""The names of all settings of the environment; the audit page tells which of them changed."""


def _read(name: str, cast: Callable[[str], Value], default: Value) -> Value:
    """Return the environment's `name` as `cast` reads it; unset and empty give `default`, a bad value is noted."""
    SETTINGS_READ.add(name)
    # Not env.str(): it takes a value that begins with "$" (a password may) for the name of another variable.
    text = environ.Env.ENVIRON.get(name, "").strip()
    if not text:
        return default
    if re.search("<[^<>]*>", text):
        _problems.append(f"{name}: is still the placeholder of the template; write the value of this installation")
        return default
    try:
        return cast(text)
    except ValueError as error:
        _problems.append(f"{name}: {error}")
        return default


def _is_set(name: str) -> bool:
    return bool(environ.Env.ENVIRON.get(name, "").strip())


# --- Where things are kept ---------------------------------------------------------------------------------------

VAR_DIR = _read("VAR_DIR", values.path_below_base, BASE_DIR / "var")
# What the first start wrote, and whatever one wants to keep beside it; the real environment wins.
if (VAR_DIR / "env").is_file():
    _problems += values.find_comments_in_values(VAR_DIR / "env")
    environ.Env.read_env(VAR_DIR / "env")

INDEX_DIR = _read("INDEX_DIR", values.path_below_base, VAR_DIR / "index")
STATIC_ROOT = VAR_DIR / "static"

# --- Laptop or public site ---------------------------------------------------------------------------------------

DEBUG = _read("DEBUG", values.boolean, False)
SITE_URL = _read("SITE_URL", values.site_url, "")
IS_PUBLIC = _is_set("SITE_URL")
TRUSTED_PROXY: list[str] = _read("TRUSTED_PROXY", values.proxies, [])
ALLOWED_HOSTS: list[str] = _read("ALLOWED_HOSTS", values.host_names, [])
CONTACT_EMAIL = _read("CONTACT_EMAIL", values.email, "")
HSTS_SECONDS = _read("HSTS_SECONDS", int, 31_536_000)
HSTS_SUBDOMAINS = _read("HSTS_SUBDOMAINS", values.boolean, True)

if IS_PUBLIC:
    _missing = [name for name in ("SECRET_KEY", "DATABASE_URL", "CONTACT_EMAIL") if not _is_set(name)]
    if _missing:
        _problems.append(f"SITE_URL makes this a public site, which also needs: {', '.join(_missing)}")
    if DEBUG:
        _problems.append("DEBUG: a public site (SITE_URL) must not show its inside; leave it out")
    ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "", *ALLOWED_HOSTS]
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
else:
    _alone = [name for name in ("TRUSTED_PROXY", "HSTS_SECONDS", "HSTS_SUBDOMAINS") if _is_set(name)]
    _alone += ["ALLOWED_HOSTS"] if not set(ALLOWED_HOSTS) <= set(LOOPBACK_HOSTS) else []
    if _alone:
        _problems.append(f"{', '.join(_alone)}: only for a public site, which needs SITE_URL too")
    ALLOWED_HOSTS = LOOPBACK_HOSTS

if _is_set("SECRET_KEY") or IS_PUBLIC:
    SECRET_KEY = _read("SECRET_KEY", values.secret_key, "")
else:
    try:
        SECRET_KEY = values.read_or_make_secret_key(VAR_DIR / "secret-key")
    except (OSError, ValueError) as error:
        _problems.append(f"VAR_DIR: no secret key can be kept in {VAR_DIR}: {error}")

SECURE_SSL_REDIRECT = IS_PUBLIC
# Whoever watches the server asks it by plain http, past the proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = HSTS_SECONDS if IS_PUBLIC else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PUBLIC and HSTS_SUBDOMAINS
SECURE_REFERRER_POLICY = "same-origin"
if TRUSTED_PROXY:
    # Believable only because middleware.ForwardedRequests drops the header when another than the proxy sent it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PUBLIC
# Browsers take a cookie of such a name only from this host itself, over https: no neighbour below mimp.gob.pe sets one.
COOKIE_PREFIX = "__Host-" if IS_PUBLIC else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "evidencebank.message_cookie.MessageStorage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
# Nothing typed is lost: a form that is sent later comes back after the sign-in (studies.admin.shared.sessions).
SESSION_IDLE_MINUTES = _read("SESSION_IDLE_MINUTES", values.idle_minutes, 30)
HOUSE_NETWORKS: list[str] = _read("HOUSE_NETWORKS", values.networks, [])
# Whoever has added a second factor is asked for it in any case.
REQUIRE_SECOND_FACTOR = _read("REQUIRE_SECOND_FACTOR", values.boolean, IS_PUBLIC)
# What an authenticator app writes above the code.
SECOND_FACTOR_ISSUER = f"Banco de Evidencias ({urlsplit(SITE_URL).hostname})" if IS_PUBLIC else "Banco de Evidencias"
X_FRAME_OPTIONS = "DENY"

# --- The bank ----------------------------------------------------------------------------------------------------

SEARCH_ENGINE = _read("SEARCH_ENGINE", values.one_of(*ENGINES), "whoosh")
SEARCH_CACHE_MB = _read("SEARCH_CACHE_MB", values.megabytes, 32)
# Of each worker: pages that were asked for before, as long as nothing changed; 0 for none.
PAGE_MEMORY_MB = _read("PAGE_MEMORY_MB", values.whole_number, 16)
TEAM_OF_ONE = _read("TEAM_OF_ONE", values.boolean, False)
RECHECK_MONTHS = _read("RECHECK_MONTHS", values.months, 24)
# Who answers for the bank: printed on the pages of trust, and left out where it is not set.
RESPONSIBLE_NAME = _read("RESPONSIBLE_NAME", str, "")
RESPONSIBLE_ADDRESS = _read("RESPONSIBLE_ADDRESS", str, "")
RESPONSIBLE_URL = _read("RESPONSIBLE_URL", values.web_address, "")
PRIVACY_EMAIL = _read("PRIVACY_EMAIL", values.email, "")
SECURITY_CONTACT = _read("SECURITY_CONTACT", values.contact, "")
DATA_LICENCE_NAME = _read("DATA_LICENCE_NAME", str, "CC BY 4.0")
DATA_LICENCE_URL = _read("DATA_LICENCE_URL", values.web_address, "https://creativecommons.org/licenses/by/4.0/")
# Of one address, in one worker or another of a host; 0 for any number.
API_REQUESTS_PER_MINUTE = _read("API_REQUESTS_PER_MINUTE", values.whole_number, 120)
# Of one network: exports, PDF files, pictures, feeds and the like; 0 for any number.
EXPENSIVE_REQUESTS_PER_MINUTE = _read("EXPENSIVE_REQUESTS_PER_MINUTE", values.whole_number, 60)
# By all workers of a host together; 0 for any number.
EXPENSIVE_AT_ONCE = _read("EXPENSIVE_AT_ONCE", values.whole_number, 4)
CROSSREF_URL = _read("CROSSREF_URL", values.service, "https://api.crossref.org")
DATACITE_URL = _read("DATACITE_URL", values.service, "https://api.datacite.org")
LOOK_UP_TIMEOUT_S = _read("LOOK_UP_TIMEOUT_S", values.seconds, 10.0)
# Part of every identifier that was ever harvested: it stays when the bank moves to another host.
OAI_DOMAIN = _read("OAI_DOMAIN", values.oai_domain, urlsplit(SITE_URL).hostname or "bank.localhost")
QUICK_EXIT_URL = _read("QUICK_EXIT_URL", values.web_address, "https://www.gob.pe/")
CHAT100_URL = _read("CHAT100_URL", values.web_address, "")

# --- Many hosts --------------------------------------------------------------------------------------------------

# A host on a replica of the database: it answers readers, and leads whoever wants to write to PRIMARY_URL.
READ_ONLY = _read("READ_ONLY", values.boolean, False)
PRIMARY_URL = _read("PRIMARY_URL", values.origin, "")
if READ_ONLY and not PRIMARY_URL:
    _problems.append("READ_ONLY needs PRIMARY_URL, the address of a host that writes")

# --- What is kept, and for how long ------------------------------------------------------------------------------

KEEP_EDITIONS = _read("KEEP_EDITIONS", values.count, 30)
KEEP_REPORTS_DAYS = _read("KEEP_REPORTS_DAYS", values.count, 365)
KEEP_ASIDE_DAYS = _read("KEEP_ASIDE_DAYS", values.count, 30)
KEEP_JOBS_DAYS = _read("KEEP_JOBS_DAYS", values.count, 30)
# Public keys of age: whoever steals the server cannot read the backups it made.
BACKUP_RECIPIENTS: list[str] = _read("BACKUP_RECIPIENTS", values.age_recipients, [])

# --- Mail --------------------------------------------------------------------------------------------------------

# Without a server nobody is written to, and the workplace says nothing of mail.
_no_mail: dict[str, Any] = {}
_mail = _read("MAIL_SERVER", values.mail_server, _no_mail)
MAIL_FROM = _read("MAIL_FROM", values.email, CONTACT_EMAIL)
SENDS_MAIL = bool(_mail)
if _mail and not MAIL_FROM:
    _problems.append("MAIL_SERVER needs MAIL_FROM, or CONTACT_EMAIL, to write from")
EMAIL_BACKEND = "evidencebank.mail.SmtpBackend" if _mail else "django.core.mail.backends.dummy.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.get("host", "localhost"), _mail.get("port", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("user", ""), _mail.get("password", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("tls", False), _mail.get("ssl", False)
# Whoever moves a study waits for the server: not longer than this.
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM or "webmaster@localhost"

# --- Django ------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "evidencebank",
    "accounts",
    "jobs",
    "search",
    "studies",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django_filters",
    "csp",
]
MIDDLEWARE = [
    "evidencebank.middleware.HeadWithoutBody",
    "evidencebank.middleware.ForwardedRequests",
    "evidencebank.watching.request_log.RequestLog",
    "evidencebank.expensive.count_readers",
    "django.middleware.security.SecurityMiddleware",
    "evidencebank.middleware.PermissionsPolicy",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "studies.store.bank_state.cache_counter_per_request",
    "evidencebank.page_cache.middleware.PageCache",
    "django.middleware.gzip.GZipMiddleware",
    "evidencebank.read_only.middleware.SendWritesToPrimary",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "search.web.shared.selection_cookie.with_selection",
    "search.web.shared.old_addresses.redirect_old_addresses",
    "evidencebank.middleware.PageForWrongMethod",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.StaffSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.Refusals",
    "evidencebank.middleware.StorableParameters",
]
ROOT_URLCONF = "evidencebank.urls"
WSGI_APPLICATION = "evidencebank.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "evidencebank.context_processors.page_frame",
            ],
            "libraries": {"i18n": "evidencebank.templatetags.quick_i18n"},
        },
    }
]
# Two libraries of one name: i18n is meant to take the place of Django's.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]
DATABASES = {"default": _read("DATABASE_URL", values.database, values.sqlite(VAR_DIR / "bank.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Where all workers of a host count the requests to the API. Each write lists the folder, so it holds few files.
    "throttle": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "throttle",
        "OPTIONS": {"MAX_ENTRIES": 100},
    },
}

# All else of the API is said by its views (search.api.base).
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Lima"
USE_TZ = True

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# A study with its findings, authors and sources is one form: a long one has more than Django's 1,000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_HANDLERS = [
    "studies.admin.shared.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Who may do what, and from where -----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}

AUTHENTICATION_BACKENDS = ["accounts.backends.LimitedBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.password_rules.HardToGuessValidator"},
]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "evidencebank.views.csrf_failure"

# --- What it says while it runs ----------------------------------------------------------------------------------

LOG_LEVEL = _read("LOG_LEVEL", values.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOG_FORMAT = _read("LOG_FORMAT", values.one_of(*logs.FORMATS), "line")
SLOW_PAGE_MS = _read("SLOW_PAGE_MS", values.milliseconds, 3_000)
SLOW_QUERY_MS = _read("SLOW_QUERY_MS", values.milliseconds, 1_000)
ERROR_MAIL_TO: list[str] = _read("ERROR_MAIL_TO", values.emails, [])
if ERROR_MAIL_TO and not SENDS_MAIL:
    _problems.append("ERROR_MAIL_TO needs MAIL_SERVER")
SENTRY_DSN = _read("SENTRY_DSN", values.dsn, "")
METRICS_TOKEN = _read("METRICS_TOKEN", values.token, "")
METRICS_NETWORKS: list[str] = _read("METRICS_NETWORKS", values.networks, [])
if IS_PUBLIC and METRICS_NETWORKS and not TRUSTED_PROXY:
    # Without it every reader seems to come from the proxy, which may lie in one of these networks.
    _problems.append("METRICS_NETWORKS of a public site needs TRUSTED_PROXY, or METRICS_TOKEN in its place")
READY_DEMANDS: list[str] = _read("READY_DEMANDS", values.demands, [])
# With a check of the balancer each second, no list is older than two.
READY_SECONDS_BEHIND = _read("READY_SECONDS_BEHIND", values.seconds, 1.0)
READY_FREE_MB = _read("READY_FREE_MB", values.whole_number, 500)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"bank": {"()": logs.formatter_name(LOG_FORMAT)}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "bank"},
        "mail": {"class": "evidencebank.watching.reports.ErrorMailHandler"},
    },
    "root": {"handlers": ["stderr", "mail"], "level": LOG_LEVEL},
    # Django's own handlers would print each line a second time, and mail what people typed.
    "loggers": {
        # Sign-ins and their failures, and a line for each request and job, whatever LOG_LEVEL says.
        "evidencebank.security": {"handlers": [], "level": "INFO", "propagate": True},
        "evidencebank.requests": {"handlers": [], "level": "INFO", "propagate": True},
        "evidencebank.jobs": {"handlers": [], "level": "INFO", "propagate": True},
        # It would name every DOI that somebody looks up.
        "httpx": {"handlers": [], "level": "WARNING", "propagate": True},
        # They tell each step of a PDF, and each rule of our style sheets that is for screens only.
        "weasyprint": {"handlers": [], "level": "ERROR", "propagate": True},
        "weasyprint.progress": {"handlers": [], "level": "ERROR", "propagate": True},
        "fontTools": {"handlers": [], "level": "ERROR", "propagate": True},
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # What is answered with 4xx has its line from evidencebank.requests.
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
        # Anybody can send a foreign Host: it is answered with 400, and is no fault of the bank's.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL"},
    },
}

if _problems:
    raise ImproperlyConfigured("the bank cannot start.\n  " + "\n  ".join(_problems))
