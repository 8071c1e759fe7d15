"""Texts that two people stand for, made up for tests: no person of the ministry has said any of this."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.models import User

from studies.learning import reviewed_texts
from studies.learning.dependents import AnyReviewedText
from studies.models import CertaintyJudgement, Conclusion, ConclusionSentence, SafetyNote, Stage, Study, Term
from tests.factories import make_study, user_with_role

_Text = TypeVar("_Text", bound=AnyReviewedText)


def term(code: str, vocabulary: str = "interventions") -> Term:
    return Term.objects.get(vocabulary=vocabulary, code=code)


def make_conclusion(study: Study | None = None, *, by: User | None = None, **changes: Any) -> Conclusion:
    """Write the draft of a conclusion of one sentence on shelters, which rests on `study`."""
    subject = {} if "question" in changes else {"term": term("shelter")}
    row = Conclusion.objects.create(**{"author_name": "Ana Prueba, oficina de prueba", **subject, **changes})
    sentence = ConclusionSentence.objects.create(
        conclusion=row, text_es="Una oración de prueba.", text_en="A made-up sentence."
    )
    sentence.studies.add(study or make_study(stage=Stage.PUBLISHED))
    reviewed_texts.record_save(row, by=by or user_with_role("Curaduría"))
    return row


def make_certainty(study: Study | None = None, *, by: User | None = None, **changes: Any) -> CertaintyJudgement:
    """Write the draft of a judgement: low certainty on shelters and violence by a partner."""
    values = {
        "author_name": "Ana Prueba",
        "intervention": term("shelter"),
        "outcome": term("ipv-any", "outcomes"),
        "level": "low",
        "imprecision_es": "Pocas personas.",
        "imprecision_en": "Few people.",
    }
    row = CertaintyJudgement.objects.create(**{**values, **changes})
    row.studies.add(study or make_study(stage=Stage.PUBLISHED))
    reviewed_texts.record_save(row, by=by or user_with_role("Curaduría"))
    return row


def make_safety_note(study: Study | None = None, *, by: User | None = None, **changes: Any) -> SafetyNote:
    """Write the draft of a safety note on shelters."""
    values = {"author_name": "Ana Prueba", "intervention": term("shelter"), "text_es": "Cuidado.", "text_en": "Care."}
    row = SafetyNote.objects.create(**{**values, **changes})
    if study is not None:
        row.studies.add(study)
    reviewed_texts.record_save(row, by=by or user_with_role("Curaduría"))
    return row


def published(row: _Text, *, by: User | None = None) -> _Text:
    """Let its writer send a draft, and a reviewer publish it."""
    reviewed_texts.move(row, "send", by=row.writers.all()[0])
    return reviewed_texts.move(row, "publish", by=by or user_with_role("Revisión"), reviewer_name="Eva Prueba")
