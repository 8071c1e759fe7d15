"""How many studies a list holds, and as of which change of the bank: what is kept of a search that somebody records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search import following, services
from search.engines import IndexMissing
from search.since import list_of_now
from studies import bank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.criteria import Criteria


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of published studies with the versions of the bank and of its vocabularies that had them."""

    found: int
    change_no: int
    vocabulary_no: int


def count(criteria: Criteria) -> Counted:
    """Count a list as the public sees it: no query while the index is in step. Raises IndexMissing."""
    keys, change_no = list_of_now(criteria)
    return Counted(len(keys), change_no, bank.current().vocabulary_no)


def count_today(lists: Iterable[Criteria]) -> list[int] | None:
    """Count lists for a page: no query while the index is in step. None without an index."""
    following.before_search()
    try:
        return [services.total(criteria) for criteria in lists]
    except IndexMissing:
        return None
