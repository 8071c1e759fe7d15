"""Entry point of the application server, which also starts the upkeep of the index."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evidencebank.settings")

django_application = get_wsgi_application()

# Only now: no module of the project can be imported before Django is set up.
from evidencebank import evidence_at_start  # noqa: E402
from evidencebank.backup import in_use  # noqa: E402
from evidencebank.middleware import ignore_charset  # noqa: E402
from evidencebank.page_cache import memory  # noqa: E402
from evidencebank.watching import faults, reports, slow_queries  # noqa: E402
from search.index import sync  # noqa: E402
from studies.store import replica, schema  # noqa: E402

in_use.hold_while_serving()
schema.check_at_start()
replica.warn_at_start()
faults.fail_fast()
slow_queries.watch()
reports.start_sentry()
application = ignore_charset(django_application)
memory.keep(settings.PAGE_MEMORY_MB * 1024 * 1024)
sync.leave_long_work_to_background()
sync.catch_up_at_start()
evidence_at_start.read_at_start()
# The thread that starts a worker answers no request: its connection would stay open unused.
connection.close()
