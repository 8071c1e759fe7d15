"""Settings of the tests: those of a laptop, in a folder of their own, whatever this machine has in var/ or in its
environment. Only DATABASE_URL is kept, with which the same tests run on PostgreSQL."""

import atexit
import os
import shutil
import tempfile

KEPT = {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
_folder = tempfile.mkdtemp(prefix="evidencebank-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in ("SITE_URL", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "TRUSTED_PROXY", "TEAM_OF_ONE", "SEARCH_ENGINE",
              "SEARCH_CACHE_MB", "INDEX_DIR", "HSTS_SECONDS", "HSTS_SUBDOMAINS", "CONTACT_EMAIL", "DATA_LICENCE_NAME",
              "DATA_LICENCE_URL",
              "QUICK_EXIT_URL", "CHAT100_URL", "LOG_LEVEL", "RECHECK_MONTHS", "MAIL_SERVER", "MAIL_FROM",
              "API_REQUESTS_PER_MINUTE", "OAI_DOMAIN", "CROSSREF_URL", "DATACITE_URL",
              "LOOK_UP_TIMEOUT_S", "SESSION_IDLE_MINUTES", "HOUSE_NETWORKS", "REQUIRE_SECOND_FACTOR",
              "LOG_FORMAT", "SLOW_PAGE_MS", "SLOW_QUERY_MS", "ERROR_MAIL_TO", "SENTRY_DSN", "METRICS_TOKEN",
              "METRICS_NETWORKS", "READY_DEMANDS", "READY_SECONDS_BEHIND", "READY_FREE_MB",
              "READ_ONLY", "PRIMARY_URL",
              "EXPENSIVE_REQUESTS_PER_MINUTE", "EXPENSIVE_AT_ONCE",
              "RESPONSIBLE_NAME", "RESPONSIBLE_ADDRESS", "RESPONSIBLE_URL", "PRIVACY_EMAIL", "SECURITY_CONTACT",
              "KEEP_EDITIONS", "KEEP_REPORTS_DAYS", "KEEP_ASIDE_DAYS", "KEEP_JOBS_DAYS",
              "BACKUP_RECIPIENTS"):  # fmt: skip
    os.environ.pop(_name, None)
os.environ["VAR_DIR"] = _folder

from evidencebank.settings import *  # noqa: E402, F403
from evidencebank.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

CONTACT_EMAIL = "errores@example.pe"
SECURITY_CONTACT = "mailto:seguridad@example.pe"
# All tests come from one address; those of the limit set one.
API_REQUESTS_PER_MINUTE = EXPENSIVE_REQUESTS_PER_MINUTE = EXPENSIVE_AT_ONCE = 0
# Nobody answers there: a test that asks what a DOI stands for names its own server.
CROSSREF_URL = DATACITE_URL = "http://127.0.0.1:9"
STATIC_ROOT.mkdir()
# Tests need neither compressed files nor collected ones.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A pool's threads outlive the test that opened it, and keep the test database from being dropped.
DATABASES["default"]["OPTIONS"].pop("pool", None)
