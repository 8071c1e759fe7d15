"""Converts studies, with all rows below them, to records and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studies.models import (
    Appraisal,
    Authorship,
    Cost,
    Finding,
    Inclusion,
    Programme,
    PublishedAppraisal,
    Source,
    Study,
    StudyTerm,
)
from studies.models import Vocabulary as Vocabulary
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_record import fields_of, vocabularies_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import (
    STUDY_LISTS,
    AuthorRecord,
    CostRecord,
    InterventionRecord,
    SourceRecord,
    StudyRecord,
)
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
    key: Vocabulary(vocabulary) for key, vocabulary in vocabularies_of(FindingRecord).items() if key != "about"
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
    terms = study.study_terms.all()
    codes: dict[str, Any] = _read_codes(terms, vocabulary)
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
        registration=tuple(study.registration),
        interventions=_intervention_records(terms, vocabulary),
        **codes,
        programme=vocabulary.programme_by_id[study.programme_id].name if study.programme_id else None,
        sample_size=study.sample_size,
        costs=tuple(cost_to_record(row) for row in study.costs.all()),
        harms_about=_codes_in_order((term.id for term in study.harms_about.all()), vocabulary),
        findings=tuple(_finding_to_record(row, vocabulary) for row in study.findings.all()),
        appraisals=tuple(_published_appraisal(row, vocabulary) for row in study.published_appraisals.all()),
        own_appraisals=tuple(appraisal_to_record(row, vocabulary) for row in study.appraisals.all()),
        includes=tuple(row.slug for row in study.inclusions.all()),
        sources=tuple(SourceRecord(url=row.url, supports=tuple(row.supports)) for row in study.sources.all()),
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


_BELOW = (
    "study_terms",
    "authorships",
    "findings",
    "costs",
    "sources",
    "published_appraisals",
    "appraisals",
    "inclusions",
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
    for rows in (*(getattr(study, name) for name in _BELOW), study.harms_about.through.objects.filter(study=study)):
        rows.all().delete()
    insert_rows([below])
    return study


def create_records(records: Sequence[StudyRecord]) -> list[Study]:
    """Create a draft for each record, and return them in the same order: eleven queries at most, whatever their number.

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
    study.registration = list(record.registration)
    study.sample_size = record.sample_size
    study.programme = _find_programme(record.programme)
    study.folded = build_folded_text(record)


@dataclass(frozen=True, slots=True)
class StudyRows:
    """The rows of a record below its study, not inserted yet.

    `tested`: findings with the interventions that they are about; `harming`: the interventions that harms are due to.
    """

    study: Study
    terms: Sequence[StudyTerm]
    authors: Sequence[Authorship]
    findings: Sequence[Finding]
    tested: Sequence[tuple[Finding, int]]
    harming: Sequence[int]
    costs: Sequence[Cost]
    sources: Sequence[Source]
    published: Sequence[PublishedAppraisal]
    appraisals: Sequence[Appraisal]
    inclusions: Sequence[Inclusion]


def build_rows(study: Study, record: StudyRecord) -> StudyRows:
    """Build the unsaved rows of a record below `study`, which is saved. Raises UnknownTerm."""
    vocabulary = vocabularies.current()
    findings, tested = _build_finding_rows(study, record, vocabulary)
    return StudyRows(
        study=study,
        terms=_build_term_rows(study, record, vocabulary),
        authors=_build_author_rows(study, record),
        findings=findings,
        tested=tested,
        harming=[
            _get_term(vocabulary, Vocabulary.INTERVENTIONS, code, "harms_about").id for code in record.harms_about
        ],
        costs=_cost_rows(study, record),
        sources=_build_source_rows(study, record),
        published=_published_appraisal_rows(study, record, vocabulary),
        appraisals=build_appraisal_rows(study, record, vocabulary),
        inclusions=[Inclusion(review=study, slug=slug) for slug in record.includes],
    )


def insert_rows(below: Collection[StudyRows]) -> None:
    """Insert the rows of any number of studies: ten queries, and more for some thousands of rows."""
    StudyTerm.objects.bulk_create(row for rows in below for row in rows.terms)
    Authorship.objects.bulk_create(row for rows in below for row in rows.authors)
    Finding.objects.bulk_create(row for rows in below for row in rows.findings)
    about = Finding.about.through
    about.objects.bulk_create(
        about(finding_id=row.pk, term_id=term_id) for rows in below for row, term_id in rows.tested
    )
    harming = Study.harms_about.through
    harming.objects.bulk_create(
        harming(study_id=rows.study.pk, term_id=term_id) for rows in below for term_id in rows.harming
    )
    Cost.objects.bulk_create(row for rows in below for row in rows.costs)
    Source.objects.bulk_create(row for rows in below for row in rows.sources)
    PublishedAppraisal.objects.bulk_create(row for rows in below for row in rows.published)
    Appraisal.objects.bulk_create(row for rows in below for row in rows.appraisals)
    Inclusion.objects.bulk_create(row for rows in below for row in rows.inclusions)


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


def _read_codes(terms: Iterable[StudyTerm], vocabulary: Vocabularies) -> dict[str, Any]:
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in LISTS}
    for row in terms:
        term = vocabulary.by_id[row.term_id]
        if term.vocabulary != Vocabulary.INTERVENTIONS:
            order = row.position if term.vocabulary == Vocabulary.DESIGNS else vocabulary.order(term.id)
            found[term.vocabulary].append((order, term.code))
    return {name: tuple(code for _order, code in sorted(pairs)) for name, pairs in found.items()}


def _intervention_records(terms: Iterable[StudyTerm], vocabulary: Vocabularies) -> tuple[InterventionRecord, ...]:
    rows = [row for row in terms if vocabulary.by_id[row.term_id].vocabulary == Vocabulary.INTERVENTIONS]
    return tuple(
        InterventionRecord(vocabulary.by_id[row.term_id].code, _get_code(vocabulary, row.role_id))
        for row in sorted(rows, key=lambda row: vocabulary.order(row.term_id))
    )


def _codes_in_order(term_ids: Iterable[int], vocabulary: Vocabularies) -> tuple[str, ...]:
    return tuple(vocabulary.by_id[term_id].code for term_id in sorted(term_ids, key=vocabulary.order))


def cost_to_record(row: Cost) -> CostRecord:
    """Convert a cost."""
    return CostRecord(
        amount=row.amount,
        currency=row.currency,
        year=row.year,
        per=row.per or None,
        statement_es=row.statement_es or None,
        statement_en=row.statement_en or None,
    )


_PUBLISHED_TEXTS = ("instrument", "version", "judges", "result", "overall", "by", "where", "url", "licence")


def _published_appraisal(row: PublishedAppraisal, vocabulary: Vocabularies) -> PublishedAppraisalRecord:
    texts: dict[str, Any] = {name: getattr(row, name) or None for name in _PUBLISHED_TEXTS}
    return PublishedAppraisalRecord(
        **texts, risk_of_bias=_get_code(vocabulary, row.risk_of_bias_id), domains=dict(row.domains)
    )


_FINDING_TEXTS = (
    "trial",
    *(f"{name}_{language}" for name in ("arm", "subgroup", "comparator", "statement") for language in ("es", "en")),
    "higher_is",
    "follow_up",
)
_FINDING_VALUES = (
    "inconclusive",
    "primary",
    "value",
    "ci_low",
    "ci_high",
    "ci_level",
    "p",
    "p_below",
    "se",
    "adjusted",
    "n",
    "follow_up_months",
)


def _finding_to_record(row: Finding, vocabulary: Vocabularies) -> FindingRecord:
    texts: dict[str, Any] = {name: getattr(row, name) or None for name in _FINDING_TEXTS}
    values: dict[str, Any] = {name: getattr(row, name) for name in _FINDING_VALUES}
    codes: dict[str, Any] = {name: _get_code(vocabulary, getattr(row, f"{name}_id")) for name in CODES_OF_FINDING}
    return FindingRecord(
        about=None if row.is_about_all else _codes_in_order((term.id for term in row.about.all()), vocabulary),
        arms=tuple(ArmRecord.from_json(arm) for arm in row.arms),
        **texts,
        **values,
        **codes,
    )


def _build_term_rows(study: Study, record: StudyRecord, vocabulary: Vocabularies) -> list[StudyTerm]:
    rows: dict[int, StudyTerm] = {}
    for place, each in enumerate(record.interventions):
        term = _get_term(vocabulary, Vocabulary.INTERVENTIONS, each.code, f"interventions[{place}].code")
        role_id = _get_term_id(vocabulary, Vocabulary.ROLES, each.role, f"interventions[{place}].role")
        rows.setdefault(term.id, StudyTerm(study=study, term_id=term.id, role_id=role_id, position=place))
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
    tested: list[tuple[Finding, int]] = []
    for position, finding in enumerate(record.findings):
        path = f"findings[{position}]"
        texts = {name: getattr(finding, name) or "" for name in _FINDING_TEXTS}
        values = {name: getattr(finding, name) for name in _FINDING_VALUES}
        codes = {
            f"{name}_id": _get_term_id(vocabulary, kind, getattr(finding, name), f"{path}.{name}")
            for name, kind in CODES_OF_FINDING.items()
        }
        row = Finding(
            study=study,
            position=position,
            is_about_all=finding.about is None,
            arms=[arm.to_json() for arm in finding.arms],
            **texts,
            **values,
            **codes,
        )
        rows.append(row)
        tested += [
            (row, _get_term(vocabulary, Vocabulary.INTERVENTIONS, code, f"{path}.about").id)
            for code in finding.about or ()
        ]
    return rows, tested


def _cost_rows(study: Study, record: StudyRecord) -> list[Cost]:
    return [
        Cost(
            study=study,
            position=position,
            amount=cost.amount,
            currency=cost.currency,
            year=cost.year,
            per=cost.per or "",
            statement_es=cost.statement_es or "",
            statement_en=cost.statement_en or "",
        )
        for position, cost in enumerate(record.costs)
    ]


def _published_appraisal_rows(study: Study, record: StudyRecord, vocabulary: Vocabularies) -> list[PublishedAppraisal]:
    return [
        PublishedAppraisal(
            study=study,
            position=position,
            domains=dict(appraisal.domains),
            risk_of_bias_id=_get_term_id(
                vocabulary, Vocabulary.RISK_OF_BIAS, appraisal.risk_of_bias, f"appraisals[{position}].risk_of_bias"
            ),
            **{name: getattr(appraisal, name) or "" for name in _PUBLISHED_TEXTS},
        )
        for position, appraisal in enumerate(record.appraisals)
    ]


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
