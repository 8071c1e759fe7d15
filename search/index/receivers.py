"""Brings the index up to date after each commit that `studies` announces."""

from __future__ import annotations

from typing import Any

from search.index import sync
from studies.store.signals import study_changed


def connect() -> None:
    """Start listening; called once, when the apps are ready."""
    study_changed.connect(_follow, dispatch_uid="search.follow")


def _follow(**_signal: Any) -> None:
    sync.after_commit()
