"""Notes queries that take longer than SLOW_QUERY_MS: their SQL with placeholders, never the values."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

logger = logging.getLogger("evidencebank.queries")
MOST_LETTERS = 1_000


def watch() -> None:
    """Watch every connection of this process from now on."""
    connection_created.connect(_wrap, dispatch_uid="evidencebank.slow_queries")


def _wrap(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    started = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        duration_ms = round((time.monotonic() - started) * 1000)
        if settings.SLOW_QUERY_MS and duration_ms >= settings.SLOW_QUERY_MS:
            told = " ".join(str(sql).split())[:MOST_LETTERS]
            logger.warning("slow query: %d ms: %s", duration_ms, told, extra={"duration_ms": duration_ms})
