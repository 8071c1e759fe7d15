"""The exchange format as values: studies, evaluations, programmes, terms and concepts, from and to JSON. Pure.

Only the shape is checked here (keys, types, characters that can be stored); `rules` checks what a record says.
`docs/data.md` describes every field, and `studies.store.exchange` turns records into rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Annotated, Any, Self

from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.appraisal import AppraisalRecord, InstrumentRecord
from studies.records.finding import FindingRecord
from studies.records.json_fields import (
    MOST_COUNTED,
    RecordInvalid,
    SlugReader,
    TextReader,
    list_reader,
    read_slug,
    read_text,
    whole_number_reader,
)
from studies.records.json_record import Field, Json, Record, fields_of, vocabularies_of
from studies.records.json_record import gettext_noop as _
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study_rows import COMPONENT as COMPONENT
from studies.records.study_rows import DESCRIBED as DESCRIBED
from studies.records.study_rows import EVALUATED as EVALUATED
from studies.records.study_rows import PEOPLE as PEOPLE
from studies.records.study_rows import REVIEWED as REVIEWED
from studies.records.study_rows import TESTED_ROLES as TESTED_ROLES
from studies.records.study_rows import AuthorRecord as AuthorRecord
from studies.records.study_rows import CostRecord as CostRecord
from studies.records.study_rows import InterventionRecord as InterventionRecord
from studies.records.study_rows import SourceRecord as SourceRecord
from studies.text.identifiers import doi_address, web_link


@dataclass(frozen=True, slots=True)
class StudyRecord(Record):
    """A study with all that belongs to it, as one value. A draft may lack all but `id` and `title`."""

    id: Annotated[str, Field(_("identificador, parte de la dirección de la página; no cambia"), read_slug)]
    title: Annotated[str, Field(_("título original, tal como se publicó"))]
    language: Annotated[str | None, Field(_("idioma de la publicación, código ISO 639-1"), vocabulary="languages")] = (
        None
    )
    title_es: Annotated[str | None, Field(_("título en español: el original o una traducción del banco"))] = None
    title_en: Annotated[str | None, Field(_("título en inglés: el original o una traducción del banco"))] = None
    authors: Annotated[tuple[AuthorRecord, ...], Field(_("autoras y autores, en el orden publicado"))] = ()
    editors: Annotated[tuple[AuthorRecord, ...], Field(_("quienes editaron el libro o las actas"))] = ()
    translators: Annotated[tuple[AuthorRecord, ...], Field(_("quienes lo tradujeron"))] = ()
    year: Annotated[int | None, Field(_("año de publicación"), whole_number_reader(9999))] = None
    month: Annotated[int | None, Field(_("mes de publicación, de 1 a 12"), whole_number_reader(12))] = None
    day: Annotated[int | None, Field(_("día de publicación, de 1 a 31"), whole_number_reader(31))] = None
    type: Annotated[str | None, Field(_("tipo de publicación"), vocabulary="types")] = None
    container_title: Annotated[str | None, Field(_("revista, libro o serie"))] = None
    volume: Annotated[str | None, Field(_("volumen"), TextReader(50))] = None
    issue: Annotated[str | None, Field(_("número de la revista"), TextReader(50))] = None
    pages: Annotated[str | None, Field(_("páginas"), TextReader(80))] = None
    publisher: Annotated[str | None, Field(_("editorial o institución"))] = None
    place: Annotated[str | None, Field(_("ciudad de la editorial o institución"), TextReader(200))] = None
    edition: Annotated[str | None, Field(_("edición de un libro"), TextReader(80))] = None
    conference: Annotated[str | None, Field(_("congreso donde se presentó"), TextReader(500))] = None
    number: Annotated[str | None, Field(_("número en la serie"), TextReader(120))] = None
    doi: Annotated[str | None, Field(_("DOI, en minúsculas y sin dirección"), TextReader(250))] = None
    issn: Annotated[
        tuple[str, ...],
        Field(_("ISSN de la revista o serie, con guion"), list_reader(TextReader(50), distinct=True)),
    ] = ()
    isbn: Annotated[
        tuple[str, ...], Field(_("ISBN del libro, trece cifras"), list_reader(TextReader(50), distinct=True))
    ] = ()
    pmid: Annotated[str | None, Field(_("número en PubMed"), TextReader(50))] = None
    url: Annotated[str | None, Field(_("dirección donde una persona puede leerlo"), TextReader(2000))] = None
    open_copy: Annotated[
        str | None, Field(_("dirección de una copia del texto que se lee sin pagar"), TextReader(2000))
    ] = None
    text_license: Annotated[
        str | None, Field(_("licencia del texto, como la nombra la fuente: CC BY 4.0"), TextReader(200))
    ] = None
    open_access: Annotated[bool | None, Field(_("si el texto completo se puede leer sin pagar"))] = None
    status: Annotated[str | None, Field(_("si el estudio terminó o está en curso"), vocabulary="statuses")] = None
    registration: Annotated[
        tuple[str, ...],
        Field(_("registros del estudio: registro y número"), list_reader(TextReader(120), distinct=True)),
    ] = ()
    themes: Annotated[tuple[str, ...], Field(_("temas, de uno a tres"), vocabulary="themes")] = ()
    interventions: Annotated[
        tuple[InterventionRecord, ...],
        Field(_("qué se hizo, y qué hace el estudio con ello: vea la tabla de los roles")),
    ] = ()
    exposures: Annotated[
        tuple[str, ...], Field(_("qué se estudió que nadie ofreció como programa"), vocabulary="exposures")
    ] = ()
    data_sources: Annotated[tuple[str, ...], Field(_("de dónde vienen los datos"), vocabulary="data_sources")] = ()
    outcomes: Annotated[tuple[str, ...], Field(_("qué se midió"), vocabulary="outcomes")] = ()
    populations: Annotated[tuple[str, ...], Field(_("con quiénes"), vocabulary="populations")] = ()
    settings: Annotated[tuple[str, ...], Field(_("en qué ámbito"), vocabulary="settings")] = ()
    programme: Annotated[str | None, Field(_("nombre propio del programa"))] = None
    designs: Annotated[tuple[str, ...], Field(_("diseños; el primero es el principal"), vocabulary="designs")] = ()
    countries: Annotated[
        tuple[str, ...],
        Field(
            _("países donde se hizo, código ISO 3166-1; vacío en revisiones de todo el mundo"), vocabulary="countries"
        ),
    ] = ()
    sample_size: Annotated[
        int | None, Field(_("tamaño de la muestra, como lo da la fuente"), whole_number_reader(MOST_COUNTED))
    ] = None
    sample_unit: Annotated[str | None, Field(_("qué se cuenta en la muestra"), vocabulary="sample_units")] = None
    period: Annotated[str | None, Field(_("años de los datos o de la intervención"), TextReader(50))] = None
    key_finding_es: Annotated[str | None, Field(_("hallazgo principal en una frase del banco, en español"))] = None
    key_finding_en: Annotated[str | None, Field(_("hallazgo principal en una frase del banco, en inglés"))] = None
    summary_es: Annotated[str | None, Field(_("resumen escrito por el banco, en español"))] = None
    summary_en: Annotated[str | None, Field(_("resumen escrito por el banco, en inglés"))] = None
    delivery_es: Annotated[
        str | None, Field(_("quién hizo qué, cada cuánto, por cuánto tiempo y con cuántas personas, en español"))
    ] = None
    delivery_en: Annotated[
        str | None, Field(_("quién hizo qué, cada cuánto, por cuánto tiempo y con cuántas personas, en inglés"))
    ] = None
    costs: Annotated[tuple[CostRecord, ...], Field(_("costos, como los da la fuente"))] = ()
    harms: Annotated[
        str | None,
        Field(_("si se buscaron daños y si se hallaron; sin dato si nadie lo ha mirado"), vocabulary="harms"),
    ] = None
    harms_es: Annotated[str | None, Field(_("qué daños, en español"))] = None
    harms_en: Annotated[str | None, Field(_("qué daños, en inglés"))] = None
    harms_about: Annotated[
        tuple[str, ...],
        Field(_("intervenciones a las que se deben, si no son todas"), list_reader(read_text, distinct=True)),
    ] = ()
    findings: Annotated[tuple[FindingRecord, ...], Field(_("hallazgos, hasta seis: vea la tabla siguiente"))] = ()
    appraisals: Annotated[
        tuple[PublishedAppraisalRecord, ...], Field(_("juicios que otros publicaron sobre el estudio"))
    ] = ()
    own_appraisals: Annotated[
        tuple[AppraisalRecord, ...],
        Field(_("evaluaciones de calidad del banco; la primera es la del diseño principal: vea la tercera tabla")),
    ] = ()
    note_es: Annotated[str | None, Field(_("lo que el banco dice del registro, en español"))] = None
    note_en: Annotated[str | None, Field(_("lo que el banco dice del registro, en inglés"))] = None
    limitations_es: Annotated[str | None, Field(_("límite que señala la fuente, en español"))] = None
    limitations_en: Annotated[str | None, Field(_("límite que señala la fuente, en inglés"))] = None
    includes: Annotated[
        tuple[str, ...],
        Field(
            _("de una revisión: identificadores de los estudios del banco que incluye"),
            list_reader(read_slug, distinct=True),
        ),
    ] = ()
    sources: Annotated[
        tuple[SourceRecord, ...], Field(_("páginas donde se leyeron los datos, y qué sustenta cada una"))
    ] = ()

    @property
    def reading_address(self) -> str:
        """The address of its text: its own, else that of its DOI; "" without either that may be a link."""
        return web_link(self.url) or (doi_address(self.doi) if self.doi else "")

    @property
    def intervention_codes(self) -> tuple[str, ...]:
        """The interventions in any role, as search finds them. What is counted as tested is in `tested`."""
        return tuple(intervention.code for intervention in self.interventions)

    def with_roles(self, roles: Container[str]) -> tuple[str, ...]:
        """Return the codes of the interventions that have one of these roles."""
        return tuple(each.code for each in self.interventions if each.role in roles)

    @property
    def tested(self) -> tuple[str, ...]:
        """The interventions whose effect the study estimates, alone or in a package."""
        return self.with_roles(TESTED_ROLES)

    @property
    def findings_on_subject(self) -> tuple[FindingRecord, ...]:
        """The findings on what the study tests or reviews; of one that does neither, all that it found.

        Beside an evaluated programme, the effect of a factor or of a mechanism is no effect of the programme.
        """
        if not self.with_roles({*TESTED_ROLES, REVIEWED}):
            return self.findings
        return tuple(finding for finding in self.findings if finding.about != ())

    def interventions_of(self, finding: FindingRecord) -> tuple[str, ...]:
        """Return what a finding is about: without a list of its own, all that the study tests, or else reviews."""
        return (self.tested or self.with_roles({REVIEWED})) if finding.about is None else finding.about

    def tested_in(self, trial: str) -> tuple[str, ...]:
        """Return what the findings of one trial are about, of a study that reports several; none without such."""
        return about_in_trial(self.findings, trial, self.tested)

    def _check(self, path: str) -> None:
        dot = f"{path}." if path else ""
        for rows, name in (("own_appraisals", "instrument"), ("interventions", "code")):
            named = [getattr(row, name) for row in getattr(self, rows)]
            for place, code in enumerate(named):
                if code in named[:place]:
                    raise RecordInvalid(f"{dot}{rows}[{place}].{name}", "is given twice")


@dataclass(frozen=True, slots=True)
class EvaluationRecord(Record):
    """A trial (counted once) or a data set (never counted) on which several studies report; the main study is first."""

    id: Annotated[str, Field(_("identificador"), read_slug)]
    kind: Annotated[
        str,
        Field(
            _("trial: una evaluación, que se cuenta una vez; data-set: datos compartidos, que no cuentan"),
            TextReader(10),
        ),
    ]
    name_es: Annotated[str, Field(_("nombre en español"), TextReader(300))]
    name_en: Annotated[str, Field(_("nombre en inglés"), TextReader(300))]
    programme: Annotated[str | None, Field(_("nombre propio del programa"))] = None
    studies: Annotated[tuple[str, ...], Field(_("identificadores de sus estudios, el principal primero"))] = ()
    registration: Annotated[str | None, Field(_("número de registro del ensayo"), TextReader(300))] = None


@dataclass(frozen=True, slots=True)
class ProgrammeRecord(Record):
    """A programme of an organisation, with its stage in the learning cycle."""

    _sets = frozenset({"country", "theme"})

    id: Annotated[str, Field(_("identificador"), read_slug)]
    name: Annotated[str, Field(_("nombre propio del programa"), TextReader(300))]
    name_es: Annotated[str, Field(_("nombre en español"), TextReader(300))]
    name_en: Annotated[str, Field(_("nombre en inglés"), TextReader(300))]
    aliases: Annotated[tuple[str, ...], Field(_("otros nombres"))] = ()
    organisation: Annotated[str | None, Field(_("quién lo lleva a cabo"), TextReader(300))] = None
    country: Annotated[tuple[str, ...], Field(_("países, código ISO 3166-1"))] = ()
    theme: Annotated[tuple[str, ...], Field(_("temas"))] = ()
    stage: Annotated[str, Field(_("lugar en el ciclo de aprendizaje"), TextReader(12))] = "unknown"
    registration: Annotated[str | None, Field(_("número de registro de su evaluación"), TextReader(300))] = None
    expected_results: Annotated[str | None, Field(_("cuándo se esperan resultados"), TextReader(100))] = None
    adapted_from: Annotated[str | None, Field(_("identificador del programa del que se adaptó"))] = None
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios que hablan de él"))] = ()
    description_es: Annotated[str | None, Field(_("descripción en español"))] = None
    description_en: Annotated[str | None, Field(_("descripción en inglés"))] = None
    sources: Annotated[tuple[str, ...], Field(_("páginas donde se leyeron los datos"))] = ()


@dataclass(frozen=True, slots=True)
class TermRecord(Record):
    """An entry of a vocabulary. `attributes` are keys that only its vocabulary has (`theme`, `family`, `null`, …)."""

    code: Annotated[str, Field(_("código, que no cambia ni se usa dos veces"), TextReader(80))]
    es: Annotated[str, Field(_("nombre en español"), TextReader(200))]
    en: Annotated[str, Field(_("nombre en inglés"), TextReader(200))]
    definition_es: Annotated[str | None, Field(_("definición en español"))] = None
    definition_en: Annotated[str | None, Field(_("definición en inglés"))] = None
    coding_es: Annotated[str | None, Field(_("nota para quien codifica, en español; no se publica"))] = None
    coding_en: Annotated[str | None, Field(_("nota para quien codifica, en inglés; no se publica"))] = None
    attributes: Annotated[Mapping[str, Any], Field("", _read_attributes)] = field(default_factory=dict)

    @classmethod
    def _read(cls, value: object, path: str) -> Self:
        if not isinstance(value, Mapping):
            raise RecordInvalid(path, "is not an object")
        own = {key: entry for key, entry in value.items() if key in fields_of(cls)}
        attributes = {key: entry for key, entry in value.items() if key not in fields_of(cls)}
        # `slots=True` makes a new class: super() without arguments would refer to the one before it.
        return super(TermRecord, cls)._read({**own, "attributes": attributes}, path)

    def to_json(self) -> Json:
        written = super(TermRecord, self).to_json()
        return {**{key: written[key] for key in written if key != "attributes"}, **self.attributes}


@dataclass(frozen=True, slots=True)
class ConceptRecord(Record):
    """An entry of the thesaurus: words in two languages that lead to terms of vocabularies or to other concepts."""

    _sets = frozenset({"terms"})

    concept: Annotated[str, Field(_("identificador del concepto"), SlugReader(80))]
    terms: Annotated[tuple[str, ...], Field(_("términos a los que llevan sus palabras, como vocabulario:código"))] = ()
    es: Annotated[tuple[str, ...], Field(_("palabras en español"))] = ()
    en: Annotated[tuple[str, ...], Field(_("palabras en inglés"))] = ()
    typed: Annotated[
        tuple[str, ...], Field(_("palabras que se reconocen si alguien las escribe, y que no se añaden"))
    ] = ()
    broader: Annotated[str | None, Field(_("concepto más general"))] = None
    expand: Annotated[str, Field(_("qué añade a una búsqueda: yes, one-level, own-words-only, no"), TextReader(20))] = (
        "yes"
    )
    case: Annotated[str | None, Field(_("upper: sus siglas se reconocen solo en mayúsculas"))] = None
    ambiguous: Annotated[bool, Field(_("si tiene más de un sentido"))] = False
    note: Annotated[str | None, Field(_("nota"))] = None


AnyRecord = (
    StudyRecord
    | EvaluationRecord
    | ProgrammeRecord
    | TermRecord
    | ConceptRecord
    | InstrumentRecord
    | PriorityRecord
    | BaselineRecord
)


def fingerprint(record: AnyRecord) -> str:
    """Return a hash of the content: 32 hexadecimal digits, the same for equal records (9 = 9.0) on every machine.

    Sets of codes count without their order: that is the taxonomy's, and a curator may change it. So do the bank's
    own appraisals, whose order follows from the designs.
    """
    return hash_of(canonical_json(record))


def hash_of(canonical: Json) -> str:
    """Hash what `canonical_json` returned: 32 hexadecimal digits, whatever the order of the keys."""
    written = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def about_in_trial(findings: Iterable[FindingRecord], trial: str, tested: Sequence[str]) -> tuple[str, ...]:
    """Return those of the interventions `tested` that the findings of `trial` are about, in their order."""
    own = [finding.about for finding in findings if finding.trial == trial]
    return tuple(code for code in tested if any(about is None or code in about for about in own))


def canonical_json(record: AnyRecord | FindingRecord) -> Json:
    """Return the JSON of a record with everything sorted whose order says nothing."""
    written = record.to_json()
    written |= {key: sorted(written[key]) for key in record._sets & written.keys()}
    if isinstance(record, StudyRecord):
        written["findings"] = [canonical_json(finding) for finding in record.findings]
        for rows, name in KEYED_ROW_FIELDS.items():
            if rows in written:
                written[rows].sort(key=itemgetter(name))
    return written


def _read_attributes(value: object, path: str) -> Mapping[str, Any]:
    """Read the attributes of a term as they are: null is a value here (a measure without a null value)."""
    assert isinstance(value, Mapping)
    return dict(value)


STUDY_FIELDS = tuple(fields_of(StudyRecord))
STUDY_LISTS = tuple(key for key in vocabularies_of(StudyRecord) if fields_of(StudyRecord)[key].is_list)
"""The fields of codes. All are sets but `designs`, whose first is the main one."""
KEYED_ROW_FIELDS = {"interventions": "code", "own_appraisals": "instrument"}
"""The fields that are lists of rows without an order, each known by the code under this key."""
StudyRecord._always_written = frozenset({*STUDY_LISTS, "authors", "interventions", "findings", "sources"})
StudyRecord._sets = (frozenset(STUDY_LISTS) - {"designs"}) | {"harms_about", "includes"}
for _record in (EvaluationRecord, ProgrammeRecord, ConceptRecord):
    _record._always_written = frozenset(fields_of(_record))
