"""The sheets of a workbook: their columns and the rows that a study has in each, in words of the reader's language.

`workbook` writes them into a file. CSV and JSON have codes where these have labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import override

from studies.exports.headings import APPRAISAL, ARM, COST, FINDING, HEADINGS, STUDY, Heading
from studies.exports.options import ExportOptions
from studies.exports.tabular import author_name, format_cell, record_cell
from studies.records.appraisal import AppraisalRecord
from studies.records.dictionary import meanings_of
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_record import Record, RecordField, fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import AuthorRecord, CostRecord, InterventionRecord, SourceRecord, StudyRecord
from studies.text.numbers import Number

Cell = str | Number | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `field` is the place in a record of what it holds, `vocabulary` the one whose labels it holds.

    Behind a column of labels stands one of their codes, which are the same in every language.
    """

    field: str
    heading: Heading
    meaning: Heading
    vocabulary: str = ""

    @property
    def of_codes(self) -> Column:
        """The column of the codes of its labels."""
        heading = Heading(f"{self.heading.es} (código)", f"{self.heading.en} (code)")
        meaning = Heading(f"lo mismo, en códigos: {self.meaning.es}", f"the same, in codes: {self.meaning.en}")
        return Column(self.field, heading, meaning)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. `rows` yields what one study has in it, a cell for each column."""

    title: Heading
    columns: Sequence[Column]
    rows: Callable[[StudyRecord, CellWriter], Iterator[list[Cell]]]


class CellWriter:
    """Turns fields of records into cells in one language: labels for codes, words for booleans, numbers as numbers."""

    def __init__(self, options: ExportOptions) -> None:
        self.language = "en" if options.language == "en" else "es"
        self.keep_finding = options.keep_finding
        self._labels = {
            (term.vocabulary, term.code): term.en if self.language == "en" else term.es for term in options.terms
        }

    def cells(self, record: Record, keys: Iterable[str]) -> list[Cell]:
        """Return the cells of fields of a record, behind that of labels one of their codes; None where not known."""
        fields = fields_of(type(record))
        found: list[Cell] = []
        for key in keys:
            found.append(self._cell(record, fields[key]))
            if _vocabulary_of(type(record), key):
                found.append(record_cell(record, key) or None)
        return found

    def _cell(self, record: Record, field: RecordField) -> Cell:
        key = field.key
        if key == "url" and isinstance(record, StudyRecord):
            return record.reading_address or None
        value = getattr(record, field.attribute)
        if value is None:  # most of them
            return None
        if key == "about" and value == ():
            return self._word("none")
        if key == "follow_up":
            return self._follow_up(value)
        if key in _IN_WORDS:
            return self._word(value) if value in _WORDS else value
        if isinstance(value, bool):
            return self._word("yes" if value else "no")
        if isinstance(value, (int, float)):
            return value
        if isinstance(value, tuple):
            return "; ".join(self._entry(entry, field) for entry in value) or None
        return self._entry(value, field) or None

    def label(self, vocabulary: str, code: str) -> str:
        """Return the label of a code, or the code where the terms of the options do not have it."""
        return self._labels.get((vocabulary, code), code)

    def labels(self, vocabulary: str, codes: Sequence[str]) -> str:
        return "; ".join(self.label(vocabulary, code) for code in codes)

    def title(self, record: StudyRecord) -> str:
        """Return the title in the language of the file, as published where there is no such title."""
        return (record.title_en if self.language == "en" else record.title_es) or record.title

    def _entry(self, entry: object, field: RecordField) -> str:
        if isinstance(entry, AuthorRecord):
            return author_name(entry)
        if isinstance(entry, InterventionRecord):
            role = self.label("roles", entry.role) if entry.role else self._word("no role")
            return f"{self.label('interventions', entry.code)} ({role[:1].lower()}{role[1:]})"
        if isinstance(entry, SourceRecord):
            return entry.url
        if isinstance(entry, AppraisalRecord):
            return f"{entry.instrument}: {self.label('risk_of_bias', entry.risk_of_bias)} ({entry.appraised_on})"
        vocabulary = "interventions" if field.key in _OF_INTERVENTIONS else field.vocabulary
        if vocabulary and isinstance(entry, str):
            return self.label(vocabulary, entry)
        return format_cell(entry)

    def _word(self, word: str) -> str:
        return _WORDS[word].en if self.language == "en" else _WORDS[word].es

    def _follow_up(self, value: str) -> str:
        """Translate "24 months"; another text stays the same."""
        found = re.fullmatch(r"([\d.]+(?:-[\d.]+)?) (day|week|month|year)s?", value)
        if found is None or self.language == "en":
            return value
        number, unit = found.groups()
        singular, plural = _SPANISH_UNITS[unit]
        return f"{number.replace('.', ',')} {singular if number == '1' else plural}"


_WORDS: Mapping[str, Heading] = {
    "yes": Heading("sí", "yes"),
    "no": Heading("no", "no"),
    "none": Heading("ninguna", "none"),
    "no role": Heading("papel aún sin indicar", "role not given yet"),
    "better": Heading("mejor para las mujeres", "better for women"),
    "worse": Heading("peor para las mujeres", "worse for women"),
    "bias": Heading("sesgo o calidad", "bias or quality"),
    "effect": Heading("si el programa funciona", "whether the programme works"),
    "intervention": Heading("grupo con programa", "intervention"),
    "comparison": Heading("grupo de comparación", "comparison"),
}
_SPANISH_UNITS = {
    "day": ("día", "días"),
    "week": ("semana", "semanas"),
    "month": ("mes", "meses"),
    "year": ("año", "años"),
}
_IN_WORDS = ("higher_is", "judges", "arm")
"""Keys whose values are told by _WORDS; an arm may also have a name."""

_STUDY = Column(
    "id",
    Heading("Estudio", "Study"),
    Heading("identificador del estudio, en la hoja de estudios", "identifier of the study, on the sheet of studies"),
)
_TITLE = Column(
    "title",
    Heading("Título", "Title"),
    Heading(
        "título en el idioma del archivo; el original, donde no hay otro",
        "title in the language of the file; the original where there is no other",
    ),
)
_POSITION = Column(
    "findings[]",
    Heading("Hallazgo n.º", "Finding no."),
    Heading("lugar del hallazgo en su estudio", "place of the finding in its study"),
)
_TESTED = Column(
    "interventions",
    Heading("Intervenciones que el estudio evalúa", "Interventions that the study evaluates"),
    Heading(
        "las que evalúa, solas o como parte de un paquete",
        "those that it evaluates, by themselves or as a part of a package",
    ),
    "interventions",
)
_MEANINGS: Mapping[str, Heading] = {
    "interventions": Heading(
        "qué se hizo y, entre paréntesis, qué hace el estudio con ello: evaluarlo, describirlo, revisarlo",
        "what was done and, in parentheses, what the study does with it: evaluate, describe or review it",
    ),
    "own_appraisals": Heading(
        "evaluaciones de calidad del banco: instrumento, riesgo de sesgo y fecha; primero la del diseño principal",
        "the bank's own appraisals: instrument, risk of bias and date; the first is that of the main design",
    ),
    "findings[].about": Heading(
        "intervenciones de las que trata el hallazgo; sin lista propia, todas las que el estudio evalúa o revisa",
        "interventions that the finding is about; without a list of its own, all that the study evaluates or reviews",
    ),
}
"""What a column means where its cells say it in another way than the field does."""


_OF_INTERVENTIONS = ("interventions", "harms_about")
"""Keys that hold interventions with more than their codes."""


def _vocabulary_of(record: type[Record], key: str) -> str:
    return "interventions" if key in _OF_INTERVENTIONS else fields_of(record)[key].vocabulary


def _with_codes(columns: Iterable[Column]) -> Iterator[Column]:
    for column in columns:
        yield column
        if column.vocabulary:
            yield column.of_codes


def _columns(record: type[Record], keys: Iterable[str], above: str = "") -> tuple[Column, ...]:
    meanings: dict[str, dict[str, str]] = {}
    for language in ("es", "en"):
        with override(language):
            meanings[language] = {key: str(meaning) for key, meaning in meanings_of(record).items()}
    columns = (
        Column(
            above + key,
            HEADINGS[above + key],
            _MEANINGS.get(above + key) or Heading(meanings["es"][key], meanings["en"][key]),
            _vocabulary_of(record, key),
        )
        for key in keys
    )
    return tuple(_with_codes(columns))


def _study_rows(record: StudyRecord, write: CellWriter) -> Iterator[list[Cell]]:
    yield write.cells(record, STUDY)


def _finding_rows(record: StudyRecord, write: CellWriter) -> Iterator[list[Cell]]:
    of_study = [record.id, write.title(record), *write.cells(record, _OF_STUDY)]
    of_study += [write.labels("interventions", record.tested), "; ".join(record.tested)]
    for position, finding in _kept_findings(record, write):
        # Without a list of its own, a finding is about all that the study evaluates or reviews.
        explicit = replace(finding, about=record.interventions_of(finding) or finding.about)
        yield [*of_study, position, *write.cells(explicit, FINDING)]


def _arm_rows(record: StudyRecord, write: CellWriter) -> Iterator[list[Cell]]:
    for position, finding in _kept_findings(record, write):
        of_finding = [position, *write.cells(finding, _MEASURED)]
        for arm in finding.arms:
            yield [record.id, write.title(record), *of_finding, *write.cells(arm, ARM)]


def _kept_findings(record: StudyRecord, write: CellWriter) -> Iterator[tuple[int, FindingRecord]]:
    """Yield the findings that the list asks for, with their places in the study."""
    for position, finding in enumerate(record.findings, start=1):
        if write.keep_finding(record, finding):
            yield position, finding


def _cost_rows(record: StudyRecord, write: CellWriter) -> Iterator[list[Cell]]:
    for cost in record.costs:
        yield [record.id, write.title(record), *write.cells(cost, COST)]


def _appraisal_rows(record: StudyRecord, write: CellWriter) -> Iterator[list[Cell]]:
    for appraisal in record.appraisals:
        yield [record.id, write.title(record), *write.cells(appraisal, APPRAISAL)]


_OF_STUDY = ("authors", "year", "countries", "designs")
"""What a row of a finding repeats of its study."""
_MEASURED = ("outcome", "follow_up")


def make_sheets() -> tuple[Sheet, ...]:
    """Return the sheets in their order; the studies come first."""
    return (
        Sheet(Heading("Estudios", "Studies"), _columns(StudyRecord, STUDY), _study_rows),
        Sheet(
            Heading("Hallazgos", "Findings"),
            (
                *(_STUDY, _TITLE),
                *_columns(StudyRecord, _OF_STUDY),
                *(_TESTED, _TESTED.of_codes, _POSITION),
                *_columns(FindingRecord, FINDING, "findings[]."),
            ),
            _finding_rows,
        ),
        Sheet(
            Heading("Grupos", "Groups"),
            (
                *(_STUDY, _TITLE, _POSITION),
                *_columns(FindingRecord, _MEASURED, "findings[]."),
                *_columns(ArmRecord, ARM, "findings[].arms[]."),
            ),
            _arm_rows,
        ),
        Sheet(Heading("Costos", "Costs"), (_STUDY, _TITLE, *_columns(CostRecord, COST, "costs[].")), _cost_rows),
        Sheet(
            Heading("Juicios publicados", "Published judgements"),
            (_STUDY, _TITLE, *_columns(PublishedAppraisalRecord, APPRAISAL, "appraisals[].")),
            _appraisal_rows,
        ),
    )
