"""Backups of a whole bank: one file that is checked when it is written, and again before it replaces anything.

The commands `backup` and `restore` call `making` and `restoring`; nothing else does.
"""

from collections.abc import Mapping


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message is for whoever runs the command."""


def refuse_other_rows(found: Mapping[str, int], expected: Mapping[str, int]) -> None:
    """Raise BackupError if a database does not have the numbers of rows that the manifest tells of each table."""
    if found != expected:
        differing = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        raise BackupError(f"the database in the backup has other numbers of rows in {', '.join(differing[:5])}")
