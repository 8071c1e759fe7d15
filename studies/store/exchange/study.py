"""Converts studies, with all rows below them, to records and back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studies.models import Appraisal, Authorship, Finding, Programme, Source, Study, StudyTerm, Vocabulary
from studies.records.json_record import fields_of, vocabularies_of
from studies.records.study import STUDY_LISTS, AuthorRecord, FindingRecord, SourceRecord, StudyRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.appraisal import appraisal_to_record, build_appraisal_rows
from studies.store.exchange.errors import UnknownTerm
from studies.text.identifiers import normalize_doi
from studies.text.normalize import fold_text

if TYPE_CHECKING:
    from studies.store.vocabularies import TermView, Vocabularies

_VOCABULARY_OF = {key: Vocabulary(vocabulary) for key, vocabulary in vocabularies_of(StudyRecord).items()}
LISTS = {key: _VOCABULARY_OF[key] for key in STUDY_LISTS}
"""The fields of a record that hold lists of codes, and the vocabulary of each."""
SINGLE_CODES = {key: kind for key, kind in _VOCABULARY_OF.items() if key not in LISTS}
"""The fields of a record that hold one code, and the vocabulary of each."""
CODES_OF_FINDING = {
    key: Vocabulary(vocabulary) for key, vocabulary in vocabularies_of(FindingRecord).items() if key != "interventions"
}
"""The fields of a finding that hold one code, and the vocabulary of each."""

_TEXTS = tuple(
    key
    for key, field in fields_of(StudyRecord).items()
    if field.type is str and not (field.vocabulary or field.is_required or key in ("doi", "programme"))
)
"""The text fields that have a column of the same name, which is empty where the record has None."""
_BIBLIOGRAPHIC = ("container_title", "volume", "issue", "pages", "publisher", "number", "url")


def to_record(study: Study, vocabulary: Vocabularies | None = None) -> StudyRecord:
    """Convert a study that was read by `for_record`: no query, except for vocabularies that are not passed.

    To convert many studies, read the vocabularies once, and after the studies: no term of theirs is missing then.
    """
    vocabulary = vocabulary if vocabulary is not None else vocabularies.current()
    codes: dict[str, Any] = _read_codes(study, vocabulary)
    codes |= {name: _get_code(vocabulary, getattr(study, f"{name}_id")) for name in SINGLE_CODES}
    texts: dict[str, Any] = {name: getattr(study, name) or None for name in _TEXTS}
    return StudyRecord(
        id=study.slug,
        title=study.title,
        **texts,
        authors=tuple(author_to_record(row) for row in study.authorships.all()),
        year=study.year,
        doi=study.doi or None,
        open_access=study.open_access,
        **codes,
        programme=vocabulary.programme_by_id[study.programme_id].name if study.programme_id else None,
        sample_size=study.sample_size,
        findings=tuple(_finding_to_record(row, vocabulary) for row in study.findings.all()),
        sources=tuple(SourceRecord(url=row.url, supports=tuple(row.supports)) for row in study.sources.all()),
        appraisals=tuple(appraisal_to_record(row, vocabulary) for row in study.appraisals.all()),
    )


def to_bibliographic_record(study: Study, vocabulary: Vocabularies) -> StudyRecord:
    """Convert only the fields that a reference needs, of a study with prefetched authors (`for_results`): no query."""
    texts: dict[str, Any] = {name: getattr(study, name) or None for name in _BIBLIOGRAPHIC}
    return StudyRecord(
        id=study.slug,
        title=study.title,
        **texts,
        language=_get_code(vocabulary, study.language_id),
        authors=tuple(author_to_record(row) for row in study.authorships.all()),
        year=study.year,
        type=_get_code(vocabulary, study.type_id),
        doi=study.doi or None,
    )


def save_record(record: StudyRecord, study: Study | None = None) -> Study:
    """Write a record into the rows of `study`, or of a new draft, and return the study.

    Call it inside `changes.bank_change` and touch the study there. The stage is left as it is.
    Raises UnknownTerm; the caller's transaction then takes everything back.
    """
    study = study if study is not None else Study(slug=record.id)
    set_columns(study, record)
    study.save()
    below = build_rows(study, record)
    # Replaced, not compared: no other row refers to the rows below a study.
    for rows in (study.study_terms, study.authorships, study.findings, study.sources, study.appraisals):
        rows.all().delete()
    insert_rows([below])
    return study


def create_records(records: Sequence[StudyRecord]) -> list[Study]:
    """Create a draft for each record, and return them in the same order: seven queries, whatever their number.

    Call it inside `changes.bank_change` and touch the studies there. Raises UnknownTerm, and IntegrityError for a
    slug or DOI that is taken.
    """
    studies = [Study(slug=record.id) for record in records]
    with bank_state.cached_counter():
        for study, record in zip(studies, records, strict=True):
            set_columns(study, record)
        Study.objects.bulk_create(studies)
        insert_rows([build_rows(study, record) for study, record in zip(studies, records, strict=True)])
    return studies


def set_columns(study: Study, record: StudyRecord) -> None:
    """Set the study's own columns from a record, without saving it. Raises UnknownTerm."""
    vocabulary = vocabularies.current()
    study.title = record.title
    for name in _TEXTS:
        setattr(study, name, getattr(record, name) or "")
    for name, kind in SINGLE_CODES.items():
        setattr(study, f"{name}_id", _get_term_id(vocabulary, kind, getattr(record, name), name))
    study.year = record.year
    # A text that is not a DOI is stored as it was written: the rules (R2) show it to the curator.
    study.doi = normalize_doi(record.doi) or record.doi if record.doi else None
    study.open_access = record.open_access
    study.sample_size = record.sample_size
    study.programme = _find_programme(record.programme)
    study.folded = build_folded_text(record)


@dataclass(frozen=True, slots=True)
class StudyRows:
    """The unsaved rows below a study. `arms` pairs a finding with the id of one of its interventions."""

    terms: Sequence[StudyTerm]
    authors: Sequence[Authorship]
    findings: Sequence[Finding]
    arms: Sequence[tuple[Finding, int]]
    sources: Sequence[Source]
    appraisals: Sequence[Appraisal]


def build_rows(study: Study, record: StudyRecord) -> StudyRows:
    """Build the unsaved rows of a record below `study`, which is saved. Raises UnknownTerm."""
    vocabulary = vocabularies.current()
    findings, arms = _build_finding_rows(study, record, vocabulary)
    return StudyRows(
        terms=_build_term_rows(study, record, vocabulary),
        authors=_build_author_rows(study, record),
        findings=findings,
        arms=arms,
        sources=_build_source_rows(study, record),
        appraisals=build_appraisal_rows(study, record, vocabulary),
    )


def insert_rows(below: Collection[StudyRows]) -> None:
    """Insert the rows of any number of studies: six queries, or more where the database limits a batch."""
    StudyTerm.objects.bulk_create(row for rows in below for row in rows.terms)
    Authorship.objects.bulk_create(row for rows in below for row in rows.authors)
    Finding.objects.bulk_create(row for rows in below for row in rows.findings)
    through = Finding.interventions.through
    through.objects.bulk_create(
        through(finding_id=row.pk, term_id=term_id) for rows in below for row, term_id in rows.arms
    )
    Source.objects.bulk_create(row for rows in below for row in rows.sources)
    Appraisal.objects.bulk_create(row for rows in below for row in rows.appraisals)


def author_to_record(row: Authorship) -> AuthorRecord:
    """Convert one author."""
    return AuthorRecord(
        family=row.family or None,
        given=row.given or None,
        literal=row.literal or None,
        non_dropping_particle=row.non_dropping_particle or None,
        dropping_particle=row.dropping_particle or None,
    )


def build_folded_text(record: StudyRecord) -> str:
    """Return the text that is searched if there is no index: titles, names and DOI, without case and accents."""
    names = (" ".join(filter(None, [a.given, a.non_dropping_particle, a.family, a.literal])) for a in record.authors)
    doi = normalize_doi(record.doi or "") or record.doi or ""
    return fold_text(record.title, record.title_es or "", record.title_en or "", *names, doi)


def _read_codes(study: Study, vocabulary: Vocabularies) -> dict[str, Any]:
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in LISTS}
    for row in study.study_terms.all():
        term = vocabulary.by_id[row.term_id]
        order = row.position if term.vocabulary == Vocabulary.DESIGNS else vocabulary.order(term.id)
        found[term.vocabulary].append((order, term.code))
    return {name: tuple(code for _order, code in sorted(pairs)) for name, pairs in found.items()}


def _finding_to_record(row: Finding, vocabulary: Vocabularies) -> FindingRecord:
    arms = sorted((vocabulary.order(term.id), term.code) for term in row.interventions.all())
    return FindingRecord(
        outcome=vocabulary.by_id[row.outcome_id].code,
        interventions=tuple(code for _order, code in arms),
        effect=vocabulary.by_id[row.effect_id].code,
        statement_es=row.statement_es or None,
        statement_en=row.statement_en or None,
        measure=_get_code(vocabulary, row.measure_id),
        unit=_get_code(vocabulary, row.unit_id),
        value=row.value,
        ci_low=row.ci_low,
        ci_high=row.ci_high,
        ci_level=row.ci_level,
        p=row.p,
        follow_up=row.follow_up or None,
        follow_up_months=row.follow_up_months,
    )


def _build_term_rows(study: Study, record: StudyRecord, vocabulary: Vocabularies) -> list[StudyTerm]:
    rows: dict[int, StudyTerm] = {}
    for name, kind in LISTS.items():
        for position, code in enumerate(getattr(record, name)):
            term = _get_term(vocabulary, kind, code, f"{name}[{position}]")
            rows.setdefault(term.id, StudyTerm(study=study, term_id=term.id, position=position))
    return list(rows.values())


def _build_author_rows(study: Study, record: StudyRecord) -> list[Authorship]:
    return [
        Authorship(
            study=study,
            position=position,
            family=author.family or "",
            given=author.given or "",
            literal=author.literal or "",
            non_dropping_particle=author.non_dropping_particle or "",
            dropping_particle=author.dropping_particle or "",
        )
        for position, author in enumerate(record.authors)
    ]


def _build_finding_rows(
    study: Study, record: StudyRecord, vocabulary: Vocabularies
) -> tuple[list[Finding], list[tuple[Finding, int]]]:
    rows: list[Finding] = []
    arms: list[tuple[Finding, int]] = []
    for position, finding in enumerate(record.findings):
        path = f"findings[{position}]"
        row = Finding(
            study=study,
            position=position,
            outcome_id=_get_term(vocabulary, Vocabulary.OUTCOMES, finding.outcome, f"{path}.outcome").id,
            effect_id=_get_term(vocabulary, Vocabulary.EFFECTS, finding.effect, f"{path}.effect").id,
            statement_es=finding.statement_es or "",
            statement_en=finding.statement_en or "",
            measure_id=_get_term_id(vocabulary, Vocabulary.MEASURES, finding.measure, f"{path}.measure"),
            unit_id=_get_term_id(vocabulary, Vocabulary.UNITS, finding.unit, f"{path}.unit"),
            value=finding.value,
            ci_low=finding.ci_low,
            ci_high=finding.ci_high,
            ci_level=finding.ci_level,
            p=finding.p,
            follow_up=finding.follow_up or "",
            follow_up_months=finding.follow_up_months,
        )
        rows.append(row)
        arms += [
            (row, _get_term(vocabulary, Vocabulary.INTERVENTIONS, code, f"{path}.interventions").id)
            for code in finding.interventions
        ]
    return rows, arms


def _build_source_rows(study: Study, record: StudyRecord) -> list[Source]:
    return [
        Source(study=study, position=position, url=source.url, supports=list(source.supports))
        for position, source in enumerate(record.sources)
    ]


def _find_programme(name: str | None) -> Programme | None:
    if not name:
        return None
    try:
        return Programme.objects.get(name=name)
    except Programme.DoesNotExist:
        raise UnknownTerm("programme", name) from None


def _get_code(vocabulary: Vocabularies, term_id: int | None) -> str | None:
    return vocabulary.by_id[term_id].code if term_id else None


def _get_term_id(vocabulary: Vocabularies, kind: str, code: str | None, field: str) -> int | None:
    return _get_term(vocabulary, kind, code, field).id if code else None


def _get_term(vocabulary: Vocabularies, kind: str, code: str, field: str) -> TermView:
    term = vocabulary.find(kind, code)
    if term is None:
        raise UnknownTerm(field, code)
    return term
