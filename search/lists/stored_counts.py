"""Counts lists with the versions that the counts are of, for searches that a policy question records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.contract import IndexMissing
from search.index import sync
from search.lists.list_diff import read_current_list
from search.services import public_search
from studies.store import bank_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.criteria.criteria import Criteria


@dataclass(frozen=True, slots=True)
class StoredCount:
    """A number of published studies, with the change numbers of the bank and of its vocabularies at that time."""

    found: int
    change_no: int
    vocabulary_no: int


def count_list(criteria: Criteria) -> StoredCount:
    """Count a list as the public sees it: no query while the index is up to date. Raises IndexMissing."""
    keys, change_no = read_current_list(criteria)
    return StoredCount(len(keys), change_no, bank_state.current().vocabulary_no)


def count_lists(lists: Iterable[Criteria]) -> list[int] | None:
    """Count lists for a page: no query while the index is up to date. Returns None without an index."""
    sync.update_before_search()
    try:
        return [public_search.count(criteria) for criteria in lists]
    except IndexMissing:
        return None
