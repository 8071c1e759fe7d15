"""Reads the evidence before a server's first request, as `wsgi` does once its index is in step."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connection

from evidencebank.glance import glance
from search.web.evidence.intervention_rows import current_lines
from studies.store import bank_state, vocabularies
from studies.web.shared.bank_counts import study_counts

_log = logging.getLogger(__name__)

MOST_TIME_AT_START_S = 10.0
"""Some 60,000 studies."""


def read_at_start(limit_s: float = MOST_TIME_AT_START_S) -> None:
    """Read the evidence of all studies, and work out what the first page and the interventions show of it.

    Whoever asked first would wait for it. Waits at most `limit_s`; what takes longer goes on beside the server. Never
    raises: a page that needs the evidence reads it then.
    """
    reading = threading.Thread(target=_read, name="evidence", daemon=True)
    reading.start()
    reading.join(limit_s)


def work_out() -> None:
    """Read the evidence and count what all readers ask for, whatever their language."""
    with bank_state.cached_counter():
        vocabulary = vocabularies.current()
        study_counts()
        glance(vocabulary, "es")
        current_lines(vocabulary)


def _read() -> None:
    try:
        work_out()
    except DatabaseError as error:
        _log.warning("The evidence could not be read at the start (%s); pages will try again.", error)
    finally:
        connection.close()
