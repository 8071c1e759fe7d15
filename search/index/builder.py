"""Builds the documents that engines store, from studies or from records. Only published studies are indexed (I5).

Documents of other records live in memory only: `drafts` and `lists.past_records` build them here too.
"""

from __future__ import annotations

from collections.abc import Iterable

from search.contract import NOT_STATED, Document
from search.criteria.facet import CodedStudy
from search.criteria.facets import PARAMETERS
from search.criteria.interventions import list_in_role
from search.text.analysis import tokenize_field
from studies.models import Stage, Study
from studies.records.finding import FindingRecord
from studies.records.study import AuthorRecord, StudyRecord, fingerprint
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from studies.store.vocabularies import Vocabularies
from studies.synthesis import nearness as ladder
from studies.text.normalize import fold_text


def build_document(study: Study, vocabulary: Vocabularies | None = None) -> Document:
    """Build the document of a study of `for_indexing`: no query, except for vocabularies if none are given.

    Raises ValueError for a study that is not published.
    """
    vocabulary = vocabulary if vocabulary is not None else vocabularies.current()
    if study.stage != Stage.PUBLISHED or study.published_at is None:
        raise ValueError(f"{study.slug} is not published")
    record = to_record(study, vocabulary)
    return build_document_of_record(
        record,
        study_id=study.pk,
        added=int(study.published_at.timestamp() * 1_000_000),
        programme=study.programme.slug if study.programme else None,
        vocabulary=vocabulary,
    )


def build_document_of_record(
    record: StudyRecord,
    *,
    study_id: int,
    added: int,
    programme: str | None,
    vocabulary: Vocabularies,
) -> Document:
    """Build the document of a record: no query.

    `added` is in microseconds since 1970, `programme` a slug: a record has neither. Raises ValueError without a year.
    """
    if record.year is None:
        raise ValueError(f"{record.id} has no year, so it cannot be published")
    coded = CodedStudy(record, programme, vocabulary)
    return Document(
        study_id=study_id,
        slug=record.id,
        fingerprint=fingerprint(record),
        texts={
            "title": tokenize_field(_drop_repeated(record.title, record.title_es, record.title_en)),
            "authors": tokenize_field(_join_author_name(author) for author in record.authors),
            "summary": tokenize_field(
                _drop_repeated(
                    record.key_finding_es,
                    record.key_finding_en,
                    record.summary_es,
                    record.summary_en,
                    record.delivery_es,
                    record.delivery_en,
                    record.harms_es,
                    record.harms_en,
                    record.note_es,
                    record.note_en,
                    record.limitations_es,
                    record.limitations_en,
                )
            ),
            "findings": tokenize_field(text for finding in record.findings for text in _list_finding_texts(finding)),
            "publication": tokenize_field(
                _drop_repeated(record.container_title, record.publisher, *record.registration)
            ),
        },
        codes=collect_codes(coded),
        pairs={
            ("outcome", "effect"): _collect_outcome_effects(record),
            ("intervention", "role"): frozenset(list_in_role(coded)) or frozenset({(NOT_STATED, NOT_STATED)}),
        },
        doi=record.doi or "",
        year=record.year,
        added=added,
        title_key=fold_text(record.title),
        nearness=compute_nearness(record.countries, vocabulary),
    )


def compute_nearness(countries: Iterable[str], vocabulary: Vocabularies) -> int:
    """Return how far from Peru a study was made: a step of `studies.synthesis.nearness.NEARNESS_STEPS`, 0 for Peru."""
    terms = [vocabulary.term("countries", code) for code in countries]
    return ladder.find_nearest_step((term.parent, term.attributes.get("income")) for term in terms)


def collect_codes(study: CodedStudy) -> dict[str, frozenset[str]]:
    """Return the codes of a study by parameter, for every parameter of the facets."""
    return {name: parameter.document_codes(study) for name, parameter in PARAMETERS.items()}


def _collect_outcome_effects(record: StudyRecord) -> frozenset[tuple[str, str]]:
    """Return (outcome, effect) of each finding on the study's subject, and (outcome, NOT_STATED) for the others."""
    found = {(finding.outcome, finding.effect) for finding in record.findings_on_subject}
    with_finding = {outcome for outcome, _effect in found}
    bare = {(outcome, NOT_STATED) for outcome in record.outcomes if outcome not in with_finding}
    if not record.outcomes and not found:
        bare.add((NOT_STATED, NOT_STATED))
    return frozenset(found | bare)


def _list_finding_texts(finding: FindingRecord) -> tuple[str, ...]:
    return _drop_repeated(
        finding.statement_es,
        finding.statement_en,
        finding.arm_es,
        finding.arm_en,
        finding.subgroup_es,
        finding.subgroup_en,
        finding.comparator_es,
        finding.comparator_en,
    )


def _drop_repeated(*texts: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _join_author_name(author: AuthorRecord) -> str:
    parts = (author.given, author.dropping_particle, author.non_dropping_particle, author.family, author.literal)
    return " ".join(part for part in parts if part)
