"""Attaches related rows to many objects at once, as `prefetch_related` does, without a queryset of its own for each.

Django describes a query for every object and relation, though none is made: half of the time of a long export.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import models


def attach_rows(
    objects: Sequence[Any], relation: str, rows: models.QuerySet[Any] | None = None, *, is_empty: bool = False
) -> list[Any]:
    """Read the rows of a relation to many for all `objects`, so that `all()` of it makes no query: one query.

    `rows` narrows or extends what is read; with `is_empty` nothing is read, and no object has any. Returns all rows, to
    attach others to them. Of what is attached only `all()` may be asked: any other question is about no row.
    """
    if not objects:
        return []
    manager = getattr(objects[0], relation)
    if is_empty:
        rows = manager.model._default_manager.none()
    found, key_of_row, key_of_object, _is_single, name, _is_descriptor = manager.get_prefetch_querysets(
        objects, None if rows is None else [rows]
    )
    read = list(found)
    by_key: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in read:
        by_key[key_of_row(row)].append(row)
    nothing = found.model._default_manager.none()
    for each in objects:
        own = type(nothing)(nothing.model, nothing.query, nothing.db)
        own._result_cache = by_key.get(key_of_object(each), [])
        own._prefetch_done = True
        if not hasattr(each, "_prefetched_objects_cache"):
            each._prefetched_objects_cache = {}
        each._prefetched_objects_cache[name] = own
    return read
