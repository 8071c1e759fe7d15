"""A connection that gives up a server which is there and does not answer: stopped, or with a disk that hangs.

`tcp_user_timeout` (settings) notices a host that is gone. Here the other system still acknowledges what we send.
"""

from __future__ import annotations

from typing import Any

import psycopg

QUERY_LIMIT_S = 20.0
"""No query of a page takes as long: whoever asked is gone by then, and the thread is needed."""
CHECK_LIMIT_S = 0.4
"""How long the pool's check of a connection may take, before each request."""


class BoundedConnection(psycopg.Connection[Any]):
    """Closes itself and raises OperationalError where an answer takes longer than QUERY_LIMIT_S."""

    _limit_s = QUERY_LIMIT_S

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Execute a query. The empty one is that of `ConnectionPool.check_connection`."""
        self._limit_s = QUERY_LIMIT_S if query else CHECK_LIMIT_S
        try:
            return super().execute(query, *args, **kwargs)
        finally:
            self._limit_s = QUERY_LIMIT_S

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer, at most `timeout` or else as long as a query may take."""
        limit = self._limit_s if timeout is None else timeout
        try:
            return super().wait(gen, interval=interval, timeout=limit)
        except psycopg.errors._WaitTimeout:
            # What was asked may still be answered later: nobody can use this connection any more.
            self.close()
            raise psycopg.OperationalError(f"the database did not answer within {limit} s") from None
