"""How many studies a list holds, and as of which change of the bank: what is kept of a search that somebody records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.contract import IndexMissing
from search.index import sync
from search.lists.list_diff import list_of_now
from search.services import public_search
from studies.store import bank_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.criteria.criteria import Criteria


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of published studies with the versions of the bank and of its vocabularies that had them."""

    found: int
    change_no: int
    vocabulary_no: int


def count(criteria: Criteria) -> Counted:
    """Count a list as the public sees it: no query while the index is in step. Raises IndexMissing."""
    keys, change_no = list_of_now(criteria)
    return Counted(len(keys), change_no, bank_state.current().vocabulary_no)


def count_today(lists: Iterable[Criteria]) -> list[int] | None:
    """Count lists for a page: no query while the index is in step. None without an index."""
    sync.before_search()
    try:
        return [public_search.total(criteria) for criteria in lists]
    except IndexMissing:
        return None
