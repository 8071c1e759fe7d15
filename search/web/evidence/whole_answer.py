"""An answer with what people wrote of its subject and what lies under it: all that its page prints of the evidence."""

from __future__ import annotations

from dataclasses import dataclass

from search.web.evidence.answer import Answer, build_answer, namer
from search.web.evidence.answer_facts_text import Fact
from search.web.evidence.basis import Basis
from search.web.evidence.delivery_text import DeliveryView, delivery_view
from search.web.evidence.key_facts import KeyFact, with_certainty
from search.web.evidence.page import Synthesis, build_synthesis
from search.web.evidence.written_texts import (
    WrittenTexts,
    certainty_fact,
    judgement_facts,
    read_texts,
    unjudged_fact,
    with_judgements,
)
from studies.store.vocabularies import TermView


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """An answer and its parts. `texts` is None where nobody can write of the subject: any criteria.

    `sure` are the facts of how sure one can be, with the judgements of people first. `delivery` is how an intervention
    was carried out, None where the studies are of several, and where nobody evaluated it.
    """

    answer: Answer
    facts: tuple[KeyFact, ...]
    texts: WrittenTexts | None
    sure: tuple[Fact, ...]
    synthesis: Synthesis
    delivery: DeliveryView | None


def build_whole_answer(basis: Basis, subject: TermView | None = None) -> WholeAnswer:
    """Return the answer on an intervention, a theme or, without a `subject`, any criteria.

    Two queries, two more where estimates are drawn, one where several evaluations share data, and those of
    `written_texts`.
    """
    theme = subject.code if subject is not None and subject.vocabulary == "themes" else None
    answer = build_answer(basis, theme)
    texts = read_texts(subject, basis.language, namer(basis)) if subject is not None else None
    judgements = texts.certainties if texts is not None else ()
    is_judged = subject is not None and subject.vocabulary == "interventions"
    certainty = certainty_fact(judgements, basis.vocabulary, basis.language) if is_judged else unjudged_fact()
    return WholeAnswer(
        answer=with_judgements(answer, judgements),
        facts=with_certainty(answer.facts, certainty),
        texts=texts,
        sure=(*judgement_facts(judgements, basis.vocabulary, basis.language), *answer.how_sure),
        synthesis=build_synthesis(basis),
        delivery=_delivery(basis) if is_judged and answer.groups else None,
    )


def _delivery(basis: Basis) -> DeliveryView:
    return delivery_view(basis, basis.evidence.details, namer(basis))
