"""Writes the records of studies into rows; `reading` makes records of rows, and what others call of it is here too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from studies.records.study import StudyRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.appraisal import build_appraisal_rows
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.reading import CODES_OF_FINDING as CODES_OF_FINDING
from studies.store.exchange.reading import (
    DATE,
    FINDING_TEXTS,
    FINDING_VALUES,
    LISTS_OF_TEXTS,
    PEOPLE_BESIDE_AUTHORS,
    PUBLISHED_TEXTS,
    TEXTS,
)
from studies.store.exchange.reading import LISTS as LISTS
from studies.store.exchange.reading import SINGLE_CODES as SINGLE_CODES
from studies.store.exchange.reading import author_to_record as author_to_record
from studies.store.exchange.reading import cost_to_record as cost_to_record
from studies.store.exchange.reading import to_bibliographic_record as to_bibliographic_record
from studies.store.exchange.reading import to_record as to_record
from studies.text.identifiers import normalize_doi
from studies.text.normalize import fold_text

if TYPE_CHECKING:
    from studies.store.vocabularies import TermView, Vocabularies


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
    for name in TEXTS:
        setattr(study, name, getattr(record, name) or "")
    for name, kind in SINGLE_CODES.items():
        setattr(study, f"{name}_id", _get_term_id(vocabulary, kind, getattr(record, name), name))
    for name in DATE:
        setattr(study, name, getattr(record, name))
    for name in LISTS_OF_TEXTS:
        setattr(study, name, list(getattr(record, name)))
    for name in PEOPLE_BESIDE_AUTHORS:
        setattr(study, name, [person.to_json() for person in getattr(record, name)])
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


def build_folded_text(record: StudyRecord) -> str:
    """Return the text that is searched if there is no index: titles, names and DOI, without case and accents."""
    names = (" ".join(filter(None, [a.given, a.non_dropping_particle, a.family, a.literal])) for a in record.authors)
    doi = normalize_doi(record.doi or "") or record.doi or ""
    return fold_text(record.title, record.title_es or "", record.title_en or "", *names, doi)


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
            orcid=author.orcid or "",
            ror=author.ror or "",
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
        texts = {name: getattr(finding, name) or "" for name in FINDING_TEXTS}
        values = {name: getattr(finding, name) for name in FINDING_VALUES}
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
            **{name: getattr(appraisal, name) or "" for name in PUBLISHED_TEXTS},
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


def _get_term_id(vocabulary: Vocabularies, kind: str, code: str | None, field: str) -> int | None:
    return _get_term(vocabulary, kind, code, field).id if code else None


def _get_term(vocabulary: Vocabularies, kind: str, code: str, field: str) -> TermView:
    term = vocabulary.find(kind, code)
    if term is None:
        raise UnknownTerm(field, code)
    return term
