"""Updates the index after each commit that `studies` announces. `search.apps` connects this once."""

from __future__ import annotations

from typing import Any

from search.index import sync
from studies.store.signals import study_changed


def connect() -> None:
    """Connect the receivers to the signals of `studies.store`."""
    study_changed.connect(_update_index, dispatch_uid="search.follow")


def _update_index(**_signal: Any) -> None:
    sync.update_after_commit()
