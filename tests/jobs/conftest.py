"""Kinds of work of the tests' own, in the place of the bank's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs import kinds
from jobs.kinds import Kind


@pytest.fixture
def add_kind() -> Iterator[Callable[..., Kind]]:
    """Return a function that registers a kind; only those exist during the test."""
    before = dict(kinds.KINDS)
    kinds.KINDS.clear()

    def add(name: str = "weave", run: Any = lambda job: "Tejido.", **options: Any) -> Kind:
        kind = Kind(name, f"Trabajo {name}", run, **options)
        kinds.register(kind)
        return kind

    yield add
    kinds.KINDS.clear()
    kinds.KINDS.update(before)
