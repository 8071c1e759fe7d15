"""The lists of the API beside studies: evaluations, programmes, interventions, policy questions, the thesaurus.

Each is small enough to be read whole. A new one is an entry in COLLECTIONS; its views, addresses, tables and schemas
follow from the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from search.api.intervention_answers import (
    InterventionAnswerRecord,
    build_intervention_answer,
    iterate_interventions,
)
from studies.publishing.opendata import evidence, learning
from studies.publishing.opendata.learning import QuestionRecord
from studies.records.intervention_answer import InterventionSummaryRecord
from studies.records.study import ConceptRecord, EvaluationRecord, ProgrammeRecord
from studies.store import vocabularies

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from studies.records.json_record import Record

Page = tuple[str, ...]
"""The name of a page in the table of addresses, and what stands in its path."""


def _no_page(record: Any) -> Page | None:
    return None


@dataclass(frozen=True, slots=True)
class ApiCollection:
    """A list of records, sorted by id, and how one of them is found.

    `name` stands in the address, `singular` in the name of the operation. `item` is the record of one entry, where it
    says more than in the list.
    """

    name: str
    singular: str
    record: type[Record]
    iterate: Callable[[], Iterable[Any]]
    summary: _StrPromise
    summary_of_one: _StrPromise
    example_id: str
    page: Callable[[Any], Page | None] = _no_page
    item: type[Record] | None = None
    find: Callable[[str], Record | None] | None = None
    key: str = "id"

    @property
    def item_record(self) -> type[Record]:
        return self.item or self.record

    def id_of(self, record: Any) -> str:
        """Return the identifier of an entry."""
        return str(getattr(record, self.key))

    def find_entry(self, identifier: str) -> Record | None:
        """Return the entry with this identifier, None if there is none that is public."""
        if self.find is not None:
            return self.find(identifier)
        return next((record for record in self.iterate() if self.id_of(record) == identifier), None)


def _page_of_programme(record: ProgrammeRecord) -> Page | None:
    programme = vocabularies.current().programme_by_slug.get(record.id)
    return ("programme", record.id) if programme is not None and programme.is_published else None


def _find_intervention(code: str) -> InterventionAnswerRecord | None:
    vocabulary = vocabularies.current()
    term = vocabulary.find("interventions", code)
    if term is None or term.is_retired:
        return None
    return build_intervention_answer(term, vocabulary)


COLLECTIONS: Mapping[str, ApiCollection] = {
    each.name: each
    for each in (
        ApiCollection(
            "interventions",
            "intervention",
            InterventionSummaryRecord,
            iterate_interventions,
            _("Intervenciones, con el número de sus evaluaciones"),
            _("La respuesta sobre una intervención"),
            "community-mobilisation",
            page=lambda record: ("intervention", record.id),
            item=InterventionAnswerRecord,
            find=_find_intervention,
        ),
        ApiCollection(
            "evaluations",
            "evaluation",
            EvaluationRecord,
            evidence.iterate_evaluations,
            _("Evaluaciones de las que informan varios estudios"),
            _("Una evaluación"),
            "sasa-kampala",
        ),
        ApiCollection(
            "programmes",
            "programme",
            ProgrammeRecord,
            evidence.iterate_programmes,
            _("Programas de organizaciones"),
            _("Un programa"),
            "sasa",
            page=_page_of_programme,
        ),
        ApiCollection(
            "questions",
            "question",
            QuestionRecord,
            learning.iterate_questions,
            _("Preguntas de política con su respuesta"),
            _("Una pregunta de política"),
            "prueba",
            page=lambda record: ("question", record.id),
        ),
        ApiCollection(
            "thesaurus",
            "concept",
            ConceptRecord,
            evidence.iterate_concepts,
            _("El tesauro de las búsquedas"),
            _("Un concepto del tesauro"),
            "cash-transfer",
            key="concept",
        ),
    )
}
