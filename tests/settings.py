"""Settings of the tests: those of a laptop, in a folder of their own, whatever this machine has in var/ or in its
environment. Only DATABASE_URL is kept, with which the same tests run on PostgreSQL."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

KEPT = {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}
_folder = tempfile.mkdtemp(prefix="evidencebank-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_source = (Path(__file__).parents[1] / "evidencebank" / "settings.py").read_text(encoding="utf-8")
for _name in set(re.findall(r'_read\("(\w+)"', _source)) - KEPT.keys():
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
