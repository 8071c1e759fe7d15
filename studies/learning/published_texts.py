"""What the public reads of conclusions, judgements of certainty and safety notes: published ones alone.

Nothing here returns a draft, a text in review or one that was withdrawn. Studies that are not published are left out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q

from studies.learning.dependents import STUDIES_OF_TEXTS, AnyReviewedText, find_unsettled
from studies.models import CertaintyJudgement, Conclusion, ReviewedText, SafetyNote, Stage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import Study

_Text = TypeVar("_Text", Conclusion, CertaintyJudgement, SafetyNote)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who stands for a text, since when. The names are as they are to be printed.

    `to_review_since` is the day on which a study under it first changed after the review, or None.
    """

    version: int
    reviewed_on: datetime.date
    author_name: str
    reviewer_name: str
    to_review_since: datetime.date | None


@dataclass(frozen=True, slots=True)
class PublishedSentence:
    """A sentence in both languages, with its published studies."""

    text_es: str
    text_en: str
    studies: tuple[Study, ...]

    def text(self, language: str) -> str:
        """Return the sentence in "es" or "en"."""
        return self.text_en if language == "en" else self.text_es


@dataclass(frozen=True, slots=True)
class PublishedConclusion:
    """The conclusion on an intervention, a theme or a policy question.

    `about` names it as vocabulary:code or questions:slug, as in interventions:shelter.
    """

    about: str
    signature: Signature
    sentences: tuple[PublishedSentence, ...]

    def text(self, language: str) -> str:
        """Return its sentences as one paragraph in "es" or "en"."""
        return " ".join(sentence.text(language) for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class PublishedCertainty:
    """The certainty of the effect of an intervention on an outcome, by their codes. `comparison` "" is any.

    `level` is a code of CertaintyJudgement.Level. Reasons are (domain of GRADE_DOMAINS, text).
    """

    signature: Signature
    intervention: str
    outcome: str
    comparison: str
    level: str
    reasons_es: tuple[tuple[str, str], ...]
    reasons_en: tuple[tuple[str, str], ...]
    studies: tuple[Study, ...]

    def reasons(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return the reasons in "es" or "en"."""
        return self.reasons_en if language == "en" else self.reasons_es


@dataclass(frozen=True, slots=True)
class PublishedSafetyNote:
    """What whoever carries out an intervention, a code, has to mind."""

    intervention: str
    signature: Signature
    text_es: str
    text_en: str
    studies: tuple[Study, ...]

    def text(self, language: str) -> str:
        """Return the note in "es" or "en"."""
        return self.text_en if language == "en" else self.text_es


def find_conclusion_on_term(term_id: int) -> PublishedConclusion | None:
    """Return the published conclusion on an intervention or a theme, or None: one query, or five."""
    return next(iter(_list_conclusions(Conclusion.objects.filter(term=term_id))), None)


def find_conclusion_on_question(question_id: int) -> PublishedConclusion | None:
    """Return the published conclusion on a policy question, or None: one query, or five."""
    return next(iter(_list_conclusions(Conclusion.objects.filter(question=question_id))), None)


def list_conclusions() -> list[PublishedConclusion]:
    """Return all published conclusions, but for those on a question that is not published: one query, or five."""
    public = Q(question__isnull=True) | Q(question__is_published=True)
    return _list_conclusions(Conclusion.objects.filter(public).order_by("pk"))


def list_certainties(intervention_ids: Iterable[int] | None = None) -> list[PublishedCertainty]:
    """Return the published judgements of certainty of some interventions, or of all, in the order of outcomes.

    One query, or four, whatever their number.
    """
    rows = CertaintyJudgement.objects.all()
    if intervention_ids is not None:
        rows = rows.filter(intervention__in=list(intervention_ids))
    rows = rows.select_related("intervention", "outcome")
    found = _read(rows.order_by("intervention__position", "outcome__position", "comparison"))
    return [
        PublishedCertainty(
            signature=signature,
            intervention=row.intervention.code,
            outcome=row.outcome.code,
            comparison=row.comparison,
            level=row.level,
            reasons_es=row.list_reasons("es"),
            reasons_en=row.list_reasons("en"),
            studies=_keep_published(row.studies.all()),
        )
        for row, signature in found
    ]


def find_safety_note(intervention_id: int) -> PublishedSafetyNote | None:
    """Return the published safety note of an intervention, or None: one query, or four."""
    return next(iter(list_safety_notes([intervention_id])), None)


def list_safety_notes(intervention_ids: Iterable[int] | None = None) -> list[PublishedSafetyNote]:
    """Return the published safety notes of some interventions, or of all: one query, or four."""
    rows = SafetyNote.objects.all()
    if intervention_ids is not None:
        rows = rows.filter(intervention__in=list(intervention_ids))
    found = _read(rows.select_related("intervention").order_by("intervention__position"))
    return [
        PublishedSafetyNote(
            row.intervention.code, signature, row.text_es, row.text_en, _keep_published(row.studies.all())
        )
        for row, signature in found
    ]


def _list_conclusions(rows: QuerySet[Conclusion]) -> list[PublishedConclusion]:
    return [
        PublishedConclusion(
            about=_name_subject(row),
            signature=signature,
            sentences=tuple(
                PublishedSentence(sentence.text_es, sentence.text_en, _keep_published(sentence.studies.all()))
                for sentence in row.sentences.all()
            ),
        )
        for row, signature in _read(rows.select_related("term", "question"))
    ]


def _name_subject(row: Conclusion) -> str:
    if row.question is not None:
        return f"questions:{row.question.slug}"
    assert row.term is not None, "the database holds conclusion_has_one_subject"
    return f"{row.term.vocabulary}:{row.term.code}"


def _read(rows: QuerySet[_Text]) -> list[tuple[_Text, Signature]]:
    published = rows.filter(state=ReviewedText.State.PUBLISHED)
    found = list(published.prefetch_related(f"{STUDIES_OF_TEXTS[rows.model]}__merged_into"))
    since = {each.row.pk: each.since for each in find_unsettled(found)}
    return [(row, _sign(row, since.get(row.pk))) for row in found]


def _sign(row: AnyReviewedText, since: datetime.date | None) -> Signature:
    assert row.reviewed_on is not None, "the database holds published_is_reviewed"
    return Signature(row.version, row.reviewed_on, row.author_name, row.reviewer_name, since)


def _keep_published(studies: Iterable[Study]) -> tuple[Study, ...]:
    return tuple(sorted((s for s in studies if s.stage == Stage.PUBLISHED), key=lambda s: (-(s.year or 0), s.slug)))
