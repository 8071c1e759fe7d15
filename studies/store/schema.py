"""Compares the tables of the database with those that this code was written for.

A migration whose name has "_expand_" behind its number (`0007_expand_note`) only adds what earlier code can leave
alone: a server of the version before goes on with it, so that several hosts are renewed one after the other. The rule
is in the name, as that is all an earlier version knows of a later migration. Tests read the operations.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

logger = logging.getLogger(__name__)

Migration = tuple[str, str]
RETIRED_APPS = frozenset({"axes"})
"""Apps that earlier versions had: their migrations stay in the table and say nothing of a newer version."""


_EXPANDING = re.compile(r"\d{4}_expand_\w+")


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """How a database differs from the code.

    `newer` are migrations that this code does not know, `older` those that are due, `expanded` those that it does not
    know and can live with.
    """

    newer: tuple[Migration, ...]
    older: tuple[Migration, ...]
    expanded: tuple[Migration, ...] = ()

    @property
    def state(self) -> str:
        """Return "same", "expanded", "older" or "newer".

        A database that is both older and newer is newer: this code must not touch it.
        """
        if self.newer or (self.expanded and self.older):
            return "newer"
        if self.older:
            return "older"
        return "expanded" if self.expanded else "same"

    @property
    def is_usable(self) -> bool:
        """Return True if this code reads and writes these tables rightly."""
        return self.state in ("same", "expanded")

    @property
    def sentence(self) -> str:
        """Return what whoever runs the bank reads, "" where this code can use the tables."""
        if self.state == "newer":
            unknown = self.newer or self.expanded
            return (
                f"the database is of a newer version of the bank (it has {_name(unknown)}): install that version, "
                "or restore a backup that this one made (docs/operations.md, going back)"
            )
        if self.older:
            return f"the database is of an older version of the bank ({_name(self.older)} is due): run manage.py set_up"
        return ""


def read_difference() -> SchemaDifference:
    """Compare the database with the code: one query. Raises DatabaseError where there are no tables yet."""
    return compare(frozenset(MigrationRecorder(connection).migration_qs.values_list("app", "name")))


def check_at_start() -> None:
    """Raise ImproperlyConfigured if a server is started on the database of another version.

    A database that is away comes back: the server starts, and `readyz` tells its state.
    """
    try:
        difference = read_difference()
    except DatabaseError:
        logger.warning("The bank starts without having compared its tables: the database does not answer")
        return
    if not difference.is_usable:
        raise ImproperlyConfigured(difference.sentence)


def read_applied() -> list[Migration]:
    """Return the migrations that the database has, in the order of their names."""
    return sorted(MigrationRecorder(connection).applied_migrations())


def compare(applied: frozenset[Migration]) -> SchemaDifference:
    """Compare the migrations that a database has with those of the code."""
    needed, replaced = _read_migrations()
    unknown = sorted(each for each in applied - needed - replaced if each[0] not in RETIRED_APPS)
    expanded = tuple(each for each in unknown if is_expanding(each[1]))
    newer = tuple(each for each in unknown if not is_expanding(each[1]))
    return SchemaDifference(newer, tuple(sorted(needed - applied)), expanded)


def is_expanding(name: str) -> bool:
    """Return True if a migration of this name only adds what the version before can leave alone."""
    return _EXPANDING.fullmatch(name) is not None


@cache
def _read_migrations() -> tuple[frozenset[Migration], frozenset[Migration]]:
    """Return the migrations of the code, and those that these replaced: a tenth of a second, once a process."""
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    replaced = {(app, name) for each in found.values() for app, name in each.replaces}
    return frozenset(found), frozenset(replaced)


def _name(migrations: tuple[Migration, ...]) -> str:
    first = ".".join(migrations[0])
    return first if len(migrations) == 1 else f"{first} and {len(migrations) - 1} more"
