"""The parts of an answer that stand around its table in a brief: facts, how sure, reviews, costs and harms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.web.brief.blocks import BriefRun, BriefRuns, Paragraph, runs_of
from search.web.brief.references import MOST_HARMS, MOST_REVIEWS, CitedStudies, costs_told
from search.web.evidence.answer import Answer
from search.web.evidence.answer_facts_text import Fact
from search.web.evidence.basis import Basis
from search.web.evidence.key_facts import with_certainty
from search.web.evidence.written_texts import WrittenTexts, certainty_fact, judgement_facts, unjudged_fact
from studies.store.vocabularies import TermView


@dataclass(frozen=True)
class Answered:
    """An answer as parts of a brief, with what people wrote of its subject `term`.

    `shared_data` are sentences on evaluations that use the same data.
    """

    answer: Answer
    texts: WrittenTexts
    shared_data: tuple[str, ...]
    basis: Basis
    term: TermView | None

    def key_facts(self) -> Paragraph:
        """Return the facts under the head of the answer in one paragraph, certainty after the evaluations."""
        is_judged = self.term is not None and self.term.vocabulary == "interventions"
        certainty = (
            certainty_fact(self.texts.certainties, self.basis.vocabulary, self.basis.language)
            if is_judged
            else unjudged_fact()
        )
        runs: list[BriefRun] = []
        for fact in with_certainty(self.answer.facts, certainty):
            own = [BriefRun(part.text, part.url) for part in fact.text.parts]
            note = [BriefRun(f" ({fact.note})")] if fact.note else []
            runs += [BriefRun(f"{fact.label}: ", look="strong"), *own, *note, BriefRun(". ")]
        return Paragraph(tuple(runs))

    def sureness(self, cited: CitedStudies) -> Iterator[BriefRuns]:
        """Yield what people judged, the facts that the bank sees, and what reviews found."""
        for fact in judgement_facts(self.texts.certainties, self.basis.vocabulary, self.basis.language):
            yield _told([fact])
        sure_of = (BriefRun(f"{self.answer.sure_of} ", look="soft"),) if self.answer.sure_of else ()
        # How near they are is told under its own heading.
        yield *sure_of, *_told(fact for fact in self.answer.how_sure if fact.label != _("Cercanía al Perú"))
        for text in self.shared_data:
            yield (BriefRun(text),)
        yield from tell_reviews(self.answer, cited)

    def costs_and_harms(self, cited: CitedStudies) -> Iterator[BriefRuns]:
        """Yield what studies say of costs and of harms, or that nobody says it."""
        for cost in costs_told(self.answer):
            yield BriefRun(_("Costo: "), look="strong"), *cited.runs(cost)
        if not self.answer.costs:
            yield BriefRun(_("Costo: "), look="strong"), BriefRun(_("sin dato."))
        yield BriefRun(_("Daños: "), look="strong"), *runs_of(self.answer.harms)
        for harm in self.answer.harms_in_words[:MOST_HARMS]:
            yield cited.runs(harm)


def tell_reviews(answer: Answer, cited: CitedStudies) -> Iterator[BriefRuns]:
    """Yield what the reviews found, those that a brief has room for: with a pooled result first."""
    for review in answer.reviews[:MOST_REVIEWS]:
        yield BriefRun(_("Revisión: "), look="strong"), *cited.runs(review)


def _told(facts: Iterable[Fact]) -> BriefRuns:
    return tuple(
        run
        for fact in facts
        for run in (BriefRun(f"{fact.label}: ", look="strong"), BriefRun(f"{fact.text.rstrip('.')}. "))
    )
