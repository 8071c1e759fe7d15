"""The view model of what changed in a list since a version of the bank, from a difference of `list_diff`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.web.selection.page import ListItem, describe_items
from studies.store import bank_state, vocabularies
from studies.web.shared.components import StudyLine, study_line
from studies.web.study.record_history import name_parts

if TYPE_CHECKING:
    from datetime import datetime

    from search.lists.list_diff import AdditionReason, ListDiff


@dataclass(frozen=True, slots=True)
class ListChangeLine:
    """A study that came or changed, and in words what happened to it."""

    line: StudyLine
    what: str


@dataclass(frozen=True, slots=True)
class ListComparison:
    """A list then and now. `at` is the time of the change `since_no`, None if no record has it.

    `words_changed`: vocabularies or thesaurus were changed since, so that the same words may find other studies.
    """

    since_no: int
    until_no: int
    at: datetime | None
    total_then: int
    total_now: int
    came: tuple[ListChangeLine, ...]
    changed: tuple[ListChangeLine, ...]
    went: tuple[ListItem, ...]
    withdrawn: tuple[ListItem, ...]
    words_changed: bool

    @property
    def is_empty(self) -> bool:
        """Whether no study came, changed or went."""
        return not (self.came or self.changed or self.went)


def compare_list(difference: ListDiff, words_no: str, language: str) -> ListComparison:
    """Return the view model of a difference: one query. `words_no` is the vocabulary number of then as text, or ""."""
    vocabulary = vocabularies.current()
    return ListComparison(
        since_no=difference.since_no,
        until_no=difference.until_no,
        at=bank_state.read_change_time(difference.since_no),
        total_then=difference.total_then,
        total_now=difference.total_now,
        came=tuple(
            ListChangeLine(study_line(each.study, vocabulary, language), _reason(each.reason))
            for each in difference.came
        ),
        changed=tuple(
            ListChangeLine(
                study_line(each.study, vocabulary, language),
                _("Cambió: %(parts)s") % {"parts": name_parts(each.parts, language)},
            )
            for each in difference.changed
        ),
        went=describe_items(difference.went, language),
        withdrawn=describe_items(difference.withdrawn, language),
        words_changed=words_no.isdigit() and words_no != str(bank_state.current().vocabulary_no),
    )


def _reason(reason: AdditionReason) -> str:
    return {
        "published": _("Nuevo en el banco"),
        "restored": _("Volvió a publicarse"),
        "fits": _("Su registro cambió y ahora cumple la búsqueda"),
    }[reason]
