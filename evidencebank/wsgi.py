"""Entry point of the application server, which also starts the upkeep of the index."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evidencebank.settings")

django_application = get_wsgi_application()

# Only now: no module of the project can be imported before Django is set up.
from evidencebank.middleware import ignore_charset  # noqa: E402
from search.index import sync  # noqa: E402

application = ignore_charset(django_application)
sync.leave_long_work_to_background()
