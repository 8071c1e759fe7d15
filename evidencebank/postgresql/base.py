"""The backend itself: the module and the class have the names that Django looks for."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from evidencebank.postgresql.breaker import breaker


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the breaker before it waits for a connection."""

    def get_new_connection(self, conn_params: Any) -> Any:
        if not breaker.may_try():
            raise self.Database.OperationalError("the database did not answer a moment ago")
        try:
            connection = super().get_new_connection(conn_params)
        except self.Database.Error:
            breaker.failed()
            raise
        breaker.succeeded()
        return connection
