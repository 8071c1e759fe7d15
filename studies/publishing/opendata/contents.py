"""The files of an edition of open data. A new file is one function and one line in FILES.

The eight files of the exchange format have the names that `load_bank` expects, so that an empty bank can load an
edition. Only published studies are written, and of evaluations and programmes only those that name one or are public.
Questions, decisions, the learning cycle (`learning`) and what people say in answers (`answers`) are not part of the
exchange format: `load_bank` ignores them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from studies.exports import tabular
from studies.models import Instrument, Study, Vocabulary
from studies.publishing.opendata import answers, catalogue, evidence, learning
from studies.publishing.opendata.fields import FINDING_KEYS, list_fields, table_columns
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord, StudyRecord
from studies.store import vocabularies
from studies.store.exchange import appraisal
from studies.store.exchange import vocabulary as exchange_vocabulary
from studies.store.exchange.reading import read_public_records

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from studies.publishing.opendata.editions import EditionVersion
    from studies.records.json_record import Record

_BATCH = 200


@dataclass(frozen=True, slots=True)
class EditionFile:
    """A file of every edition. `write(version)` yields its text piece by piece."""

    name: str
    media_type: str
    title: _StrPromise
    write: Callable[[EditionVersion], Iterator[str]]


def published_records() -> Iterator[StudyRecord]:
    """Yield the record of every published study, by slug, a batch at a time."""
    order = list(Study.objects.published().order_by("slug").values_list("pk", flat=True))
    for start in range(0, len(order), _BATCH):
        yield from read_public_records(order[start : start + _BATCH], vocabularies.current())


def _studies(version: EditionVersion) -> Iterator[str]:
    for record in published_records():
        yield json.dumps(record.to_json(), ensure_ascii=False) + "\n"


def _studies_table(version: EditionVersion) -> Iterator[str]:
    return tabular.write(published_records())


def _findings_table(version: EditionVersion) -> Iterator[str]:
    columns = table_columns(FindingRecord)
    yield tabular.BYTE_ORDER_MARK + tabular.format_line((*FINDING_KEYS, *columns))
    for record, position, finding in _numbered_findings():
        yield tabular.format_line((record.id, str(position), *_cells(finding, columns)))


def _arms_table(version: EditionVersion) -> Iterator[str]:
    columns = table_columns(ArmRecord)
    yield tabular.BYTE_ORDER_MARK + tabular.format_line((*FINDING_KEYS, *columns))
    for record, position, finding in _numbered_findings():
        for arm in finding.arms:
            yield tabular.format_line((record.id, str(position), *_cells(arm, columns)))


def _numbered_findings() -> Iterator[tuple[StudyRecord, int, FindingRecord]]:
    for record in published_records():
        for position, finding in enumerate(record.findings, start=1):
            yield record, position, finding


def _table_of_study(
    kind: type[Record], rows: Callable[[StudyRecord], Sequence[Record]]
) -> Callable[[EditionVersion], Iterator[str]]:
    """Return the writer of a table of what a study has any number of."""
    columns = table_columns(kind)

    def write(version: EditionVersion) -> Iterator[str]:
        yield tabular.BYTE_ORDER_MARK + tabular.format_line(("study", *columns))
        for record in published_records():
            for row in rows(record):
                yield tabular.format_line((record.id, *_cells(row, columns)))

    return write


def _evaluations(version: EditionVersion) -> Iterator[str]:
    return _json_list(record.to_json() for record in evidence.iterate_evaluations())


def _programmes(version: EditionVersion) -> Iterator[str]:
    return _json_list(record.to_json() for record in evidence.iterate_programmes())


def _taxonomy(version: EditionVersion) -> Iterator[str]:
    """Yield the terms in use, and retired ones that a published study still carries."""
    vocabulary = vocabularies.current()
    carried = set(Study.objects.term_ids(Study.objects.published().values_list("pk", flat=True)))
    terms = {
        kind.value: [
            exchange_vocabulary.term_view_to_record(term).to_json()
            for term in vocabulary.every_term(kind)
            if not term.is_retired or term.id in carried
        ]
        for kind in Vocabulary
    }
    yield json.dumps(terms, ensure_ascii=False, indent=1) + "\n"


def _thesaurus(version: EditionVersion) -> Iterator[str]:
    return _json_list(record.to_json() for record in evidence.iterate_concepts())


def _instruments(version: EditionVersion) -> Iterator[str]:
    rows = Instrument.objects.prefetch_related(*appraisal.INSTRUMENT_PARTS).order_by("position", "slug")
    return _json_list(appraisal.instrument_to_record(row).to_json() for row in rows)


def _priorities(version: EditionVersion) -> Iterator[str]:
    return _json_list(record.to_json() for record in answers.iterate_priorities())


def _baselines(version: EditionVersion) -> Iterator[str]:
    return _json_list(record.to_json() for record in answers.iterate_baselines())


def _json_lines(records: Callable[[], Iterator[Record]]) -> Callable[[EditionVersion], Iterator[str]]:
    def write(version: EditionVersion) -> Iterator[str]:
        for record in records():
            yield json.dumps(record.to_json(), ensure_ascii=False) + "\n"

    return write


def _table(record: type[Record], records: Callable[[], Iterator[Record]]) -> Callable[[EditionVersion], Iterator[str]]:
    columns = table_columns(record)

    def write(version: EditionVersion) -> Iterator[str]:
        yield tabular.BYTE_ORDER_MARK + tabular.format_line(columns)
        for each in records():
            yield tabular.format_line(_cells(each, columns))

    return write


def _searches_table(version: EditionVersion) -> Iterator[str]:
    columns = table_columns(learning.QuestionSearchRecord)
    yield tabular.BYTE_ORDER_MARK + tabular.format_line(("question", *columns))
    for question in learning.iterate_questions():
        for search in question.searches:
            yield tabular.format_line((question.id, *_cells(search, columns)))


def _dictionary(version: EditionVersion) -> Iterator[str]:
    yield tabular.BYTE_ORDER_MARK + tabular.format_line(("file", "field", "type", "es", "en"))
    for field in list_fields():
        yield tabular.format_line((field.file, field.path, field.type, field.es, field.en))


def _datacite(version: EditionVersion) -> Iterator[str]:
    yield json.dumps(catalogue.build_datacite(version), ensure_ascii=False, indent=1) + "\n"


def _readme(version: EditionVersion) -> Iterator[str]:
    for language in ("es", "en"):
        with override(language):
            context = {"version": version, "files": FILES.values(), "site_url": settings.SITE_URL}
            yield render_to_string("opendata/readme.txt", context)


def _licence(version: EditionVersion) -> Iterator[str]:
    for language in ("es", "en"):
        with override(language):
            yield render_to_string("opendata/licence.txt", {"version": version})


FILES: Mapping[str, EditionFile] = {
    file.name: file
    for file in (
        EditionFile("README.txt", "text/plain", _("Léame: qué hay en cada archivo y cómo citarlo"), _readme),
        EditionFile("LICENCE.txt", "text/plain", _("Licencia"), _licence),
        EditionFile("studies.jsonl", "application/jsonl", _("Estudios enteros, uno por línea"), _studies),
        EditionFile("studies.csv", "text/csv", _("Estudios en una tabla, uno por fila"), _studies_table),
        EditionFile("findings.csv", "text/csv", _("Hallazgos en una tabla, uno por fila"), _findings_table),
        EditionFile("arms.csv", "text/csv", _("Lo que las fuentes dan de cada grupo de un hallazgo"), _arms_table),
        EditionFile(
            "costs.csv", "text/csv", _("Costos, uno por fila"), _table_of_study(CostRecord, lambda record: record.costs)
        ),
        EditionFile(
            "appraisals.csv",
            "text/csv",
            _("Juicios que otros publicaron sobre los estudios, uno por fila"),
            _table_of_study(PublishedAppraisalRecord, lambda record: record.appraisals),
        ),
        EditionFile(
            "evaluations.json", "application/json", _("Evaluaciones de las que informan varios estudios"), _evaluations
        ),
        EditionFile("programmes.json", "application/json", _("Programas"), _programmes),
        EditionFile(
            "cycle.jsonl",
            "application/jsonl",
            _("Programas en el ciclo de aprendizaje: en qué se apoyan, qué los evalúa y de dónde vienen"),
            _json_lines(learning.iterate_cycle),
        ),
        EditionFile(
            "cycle.csv",
            "text/csv",
            _("Programas en el ciclo, en una tabla"),
            _table(learning.CycleRecord, learning.iterate_cycle),
        ),
        EditionFile(
            "decisions.jsonl",
            "application/jsonl",
            _("Decisiones sobre programas"),
            _json_lines(learning.iterate_decisions),
        ),
        EditionFile(
            "decisions.csv",
            "text/csv",
            _("Decisiones en una tabla"),
            _table(learning.DecisionRecord, learning.iterate_decisions),
        ),
        EditionFile(
            "questions.jsonl",
            "application/jsonl",
            _("Preguntas de política enteras, con sus búsquedas"),
            _json_lines(learning.iterate_questions),
        ),
        EditionFile(
            "questions.csv",
            "text/csv",
            _("Preguntas de política en una tabla"),
            _table(learning.QuestionRecord, learning.iterate_questions),
        ),
        EditionFile(
            "searches.csv", "text/csv", _("Búsquedas que se hicieron para ellas, una por fila"), _searches_table
        ),
        EditionFile(
            "conclusions.jsonl",
            "application/jsonl",
            _("Conclusiones que una persona escribió y otra revisó"),
            _json_lines(answers.iterate_conclusions),
        ),
        EditionFile(
            "certainty.jsonl",
            "application/jsonl",
            _("Juicios de certeza que una persona hizo y otra confirmó"),
            _json_lines(answers.iterate_certainties),
        ),
        EditionFile(
            "safety-notes.jsonl",
            "application/jsonl",
            _("Notas de seguridad que una persona escribió y otra revisó"),
            _json_lines(answers.iterate_safety_notes),
        ),
        EditionFile(
            "priorities.json", "application/json", _("Resultados que las respuestas muestran primero"), _priorities
        ),
        EditionFile(
            "baselines.json",
            "application/json",
            _("Frecuencias de partida de los efectos «de cada 1 000»"),
            _baselines,
        ),
        EditionFile("taxonomy.json", "application/json", _("Vocabularios, con definiciones"), _taxonomy),
        EditionFile("thesaurus.json", "application/json", _("Tesauro de las búsquedas"), _thesaurus),
        EditionFile(
            "instruments.json", "application/json", _("Instrumentos con que se evalúa la calidad"), _instruments
        ),
        EditionFile("datacite.json", "application/json", _("Los datos que DataCite pide para un DOI"), _datacite),
        EditionFile("dictionary.csv", "text/csv", _("Diccionario de datos, en español y en inglés"), _dictionary),
    )
}


def _json_list(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n"


def _cells(record: Record, columns: Iterable[str]) -> Iterator[str]:
    return (tabular.record_cell(record, column) for column in columns)
