"""What changed in a list since a version of the bank, in the page's language: a view model of `since.Difference`."""

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

    from search.lists.list_diff import Difference, Reason


@dataclass(frozen=True, slots=True)
class ChangedStudyLine:
    """A study in two lines, and in words what happened to it."""

    line: StudyLine
    what: str


@dataclass(frozen=True, slots=True)
class ListComparison:
    """A list then and now. `at` is when the change of then was made, None where no record tells.

    `words_changed`: vocabularies or thesaurus were changed since, so that the same words may find other studies.
    """

    since_no: int
    until_no: int
    at: datetime | None
    total_then: int
    total_now: int
    came: tuple[ChangedStudyLine, ...]
    changed: tuple[ChangedStudyLine, ...]
    went: tuple[ListItem, ...]
    words_changed: bool

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is to be told."""
        return not (self.came or self.changed or self.went)


def compare_list(difference: Difference, words_no: str, language: str) -> ListComparison:
    """Describe what changed: one query. `words_no` is the version of vocabularies and thesaurus of then, if given."""
    vocabulary = vocabularies.current()
    return ListComparison(
        since_no=difference.since_no,
        until_no=difference.until_no,
        at=bank_state.moment_of(difference.since_no),
        total_then=difference.total_then,
        total_now=difference.total_now,
        came=tuple(
            ChangedStudyLine(study_line(each.study, vocabulary, language), _reason(each.reason))
            for each in difference.came
        ),
        changed=tuple(
            ChangedStudyLine(
                study_line(each.study, vocabulary, language),
                _("Cambió: %(parts)s") % {"parts": name_parts(each.parts, language)},
            )
            for each in difference.changed
        ),
        went=describe_items(difference.went, language),
        words_changed=words_no.isdigit() and words_no != str(bank_state.current().vocabulary_no),
    )


def _reason(reason: Reason) -> str:
    return {
        "published": _("Nuevo en el banco"),
        "restored": _("Volvió a publicarse"),
        "fits": _("Su registro cambió y ahora cumple la búsqueda"),
    }[reason]
