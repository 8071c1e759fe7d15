"""What pages that tell many bodies of evidence at once share with the answer of each: input and opening sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from search.web.evidence.answer import summary_input
from search.web.evidence.answer_text import AnswerWriter
from search.web.evidence.basis import Basis
from search.web.evidence.effect_words import EffectWords
from search.web.evidence.sentences import Sentence
from search.web.evidence.study_address import studies_url
from studies.store import evidence_snapshot
from studies.store.vocabularies import Vocabularies
from studies.synthesis.comparators import COMPARATOR_KINDS
from studies.synthesis.evidence import Evidence, Scope
from studies.synthesis.summary_of_findings import ComparatorGroup, SummaryInput, SummaryRow


def bank_input(evidence: Evidence, vocabulary: Vocabularies) -> SummaryInput:
    """Return the input of summaries over all published studies, without means: two queries."""
    # Of no studies there are no forests, which take long and of which a line tells nothing; studies are put in after.
    given = summary_input(Basis([], evidence, Scope(), "", vocabulary, "es"))
    return replace(given, studies=list(evidence.studies.values()))


def opening_row(groups: Sequence[ComparatorGroup]) -> tuple[ComparatorGroup, SummaryRow] | None:
    """Return the most evaluated of the rows that open an answer, one for each kind of comparator.

    Those of which no record says what they are compared with come last. None without an evaluation.
    """
    known = {kind.code for kind in COMPARATOR_KINDS}
    first = [(group, group.lead[0]) for group in groups if group.lead] or [
        (group, group.others[0]) for group in groups if group.others
    ]
    return max(first, key=lambda each: (each[0].kind in known, len(each[1].evaluations)), default=None)


def opening_sentence(
    group: ComparatorGroup, row: SummaryRow, evidence: Evidence, vocabulary: Vocabularies, language: str
) -> Sentence:
    """Return the sentence of a row at the head of its answer."""
    # A sentence of this kind names no study.
    words = EffectWords(vocabulary, evidence.taxonomy, language, name_of=str)
    kinds = {kind.code: _(kind.name) for kind in COMPARATOR_KINDS}
    writer = AnswerWriter(words, studies_url, kinds, evidence_snapshot.read_measures(vocabulary))
    return writer.head(group, row)
