"""Makes the records of studies from their rows: from objects of the models, or from tuples of many studies at once.

An object of the ORM for each row took half of the time of a long export.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet

from studies.models import (
    Appraisal,
    Authorship,
    Cost,
    Finding,
    Inclusion,
    PublishedAppraisal,
    Source,
    Study,
    StudyTerm,
    Vocabulary,
)
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_record import fields_of, vocabularies_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import (
    PEOPLE,
    STUDY_LISTS,
    AuthorRecord,
    CostRecord,
    InterventionRecord,
    SourceRecord,
    StudyRecord,
)
from studies.store import vocabularies
from studies.store.exchange.appraisal import appraisal_to_record

if TYPE_CHECKING:
    from studies.store.vocabularies import Vocabularies

_VOCABULARY_OF = {key: Vocabulary(vocabulary) for key, vocabulary in vocabularies_of(StudyRecord).items()}
LISTS = {key: _VOCABULARY_OF[key] for key in STUDY_LISTS}
"""The fields of a record that hold lists of codes, and the vocabulary of each."""
SINGLE_CODES = {key: kind for key, kind in _VOCABULARY_OF.items() if key not in LISTS}
"""The fields of a record that hold one code, and the vocabulary of each."""
CODES_OF_FINDING = {
    key: Vocabulary(vocabulary) for key, vocabulary in vocabularies_of(FindingRecord).items() if key != "about"
}
"""The fields of a finding that hold one code, and the vocabulary of each."""

TEXTS = tuple(
    key
    for key, field in fields_of(StudyRecord).items()
    if field.type is str and not (field.vocabulary or field.is_required or key in ("doi", "programme"))
)
"""The text fields that have a column of the same name, which is empty where the record has None."""
FINDING_TEXTS = (
    "trial",
    *(f"{name}_{language}" for name in ("arm", "subgroup", "comparator", "statement") for language in ("es", "en")),
    "higher_is",
    "follow_up",
)
FINDING_VALUES = (
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
PUBLISHED_TEXTS = ("instrument", "version", "judges", "result", "overall", "by", "where", "url", "licence")
DATE = ("year", "month", "day")
LISTS_OF_TEXTS = ("issn", "isbn")
PEOPLE_BESIDE_AUTHORS = PEOPLE[1:]
"""The lists of names that are kept as they stand in the record: nobody searches by them."""
_AUTHOR_PARTS = ("family", "given", "literal", "non_dropping_particle", "dropping_particle", "orcid", "ror")
_BIBLIOGRAPHIC = (
    *("container_title", "volume", "issue", "pages", "publisher", "place", "edition", "conference", "number", "pmid"),
    "url",
)


def to_record(study: Study, vocabulary: Vocabularies | None = None) -> StudyRecord:
    """Convert a study that was read by `for_record`: no query, except for vocabularies that are not passed.

    To convert many studies, read the vocabularies once, and after the studies: no term of theirs is missing then.
    """
    below = _RowsBelow(
        terms=study.study_terms.all(),
        authors=study.authorships.all(),
        sources=study.sources.all(),
        findings=[(row, [term.id for term in row.about.all()]) for row in study.findings.all()],
        costs=study.costs.all(),
        harming=[term.id for term in study.harms_about.all()],
        published=study.published_appraisals.all(),
        appraisals=study.appraisals.all(),
        inclusions=study.inclusions.all(),
    )
    return _make_record(study, below, vocabulary if vocabulary is not None else vocabularies.current())


def read_public_records(
    ids: Iterable[int], vocabulary: Vocabularies, *, references_only: bool = False
) -> list[StudyRecord]:
    """Return the records of the published ones of these studies, in this order: eleven queries, whatever their number.

    They are as readers may have them (`for_export`): of what a review includes only published studies are named. With
    `references_only` four queries: a record has its terms, authors and sources, and nothing else below it.
    """
    wanted = list(ids)
    if not wanted:
        return []
    read = Study.objects.published().filter(pk__in=wanted).order_by().values_list(*_STUDY_COLUMNS, named=True)
    studies = {row.pk: row for row in read}
    below = _read_below(list(studies), references_only=references_only)
    return [_make_record(studies[key], below[key], vocabulary) for key in wanted if key in studies]


def to_bibliographic_record(study: Study, vocabulary: Vocabularies) -> StudyRecord:
    """Convert only the fields that a reference needs, of a study with prefetched authors (`for_results`): no query."""
    texts: dict[str, Any] = {name: getattr(study, name) or None for name in _BIBLIOGRAPHIC}
    return StudyRecord(
        id=study.slug,
        title=study.title,
        **texts,
        language=_get_code(vocabulary, study.language_id),
        authors=tuple(author_to_record(row) for row in study.authorships.all()),
        **_beside_authors(study),
        type=_get_code(vocabulary, study.type_id),
        doi=study.doi or None,
    )


class _RowsBelow(NamedTuple):
    """The rows below a study that its record is made of, in their order: objects of the models, or tuples.

    A finding stands with the ids of the interventions that it is about; `harming` are ids of interventions.
    """

    terms: Collection[Any]
    authors: Collection[Any]
    sources: Collection[Any]
    findings: Collection[tuple[Any, Collection[int]]] = ()
    costs: Collection[Any] = ()
    harming: Collection[int] = ()
    published: Collection[Any] = ()
    appraisals: Collection[Any] = ()
    inclusions: Collection[Any] = ()


def _make_record(study: Any, below: _RowsBelow, vocabulary: Vocabularies) -> StudyRecord:
    """Return the record of a study, an object of the model or a tuple of _STUDY_COLUMNS."""
    codes: dict[str, Any] = _read_codes(below.terms, vocabulary)
    codes |= {name: _get_code(vocabulary, getattr(study, f"{name}_id")) for name in SINGLE_CODES}
    texts: dict[str, Any] = {name: getattr(study, name) or None for name in TEXTS}
    return StudyRecord(
        id=study.slug,
        title=study.title,
        **texts,
        authors=tuple(author_to_record(row) for row in below.authors),
        **_beside_authors(study),
        doi=study.doi or None,
        open_access=study.open_access,
        registration=tuple(study.registration),
        interventions=_intervention_records(below.terms, vocabulary),
        **codes,
        programme=vocabulary.programme_by_id[study.programme_id].name if study.programme_id else None,
        sample_size=study.sample_size,
        costs=tuple(cost_to_record(row) for row in below.costs),
        harms_about=_codes_in_order(below.harming, vocabulary),
        findings=tuple(_finding_to_record(row, about, vocabulary) for row, about in below.findings),
        appraisals=tuple(_published_appraisal(row, vocabulary) for row in below.published),
        own_appraisals=tuple(appraisal_to_record(row, vocabulary) for row in below.appraisals),
        includes=tuple(row.slug for row in below.inclusions),
        sources=tuple(SourceRecord(url=row.url, supports=tuple(row.supports)) for row in below.sources),
    )


_STUDY_COLUMNS = (
    *(
        "pk",
        "slug",
        "title",
        *DATE,
        *LISTS_OF_TEXTS,
        *PEOPLE_BESIDE_AUTHORS,
        "doi",
        "open_access",
        "registration",
        "programme_id",
        "sample_size",
    ),
    *TEXTS,
    *(f"{name}_id" for name in SINGLE_CODES),
)
_FINDING_COLUMNS = (
    "pk",
    "is_about_all",
    "arms",
    *FINDING_TEXTS,
    *FINDING_VALUES,
    *(f"{n}_id" for n in CODES_OF_FINDING),
)


def _read_below(studies: Collection[int], *, references_only: bool) -> dict[int, _RowsBelow]:
    """Read the rows below these studies, by the id of their study: ten queries, or three."""
    terms = _read_rows(StudyTerm.objects.filter(study_id__in=studies), "study_id", "term_id", "role_id", "position")
    authors = _read_rows(Authorship.objects.filter(study_id__in=studies), "study_id", *_AUTHOR_PARTS)
    sources = _read_rows(Source.objects.filter(study_id__in=studies), "study_id", "url", "supports")
    if references_only:
        return {key: _RowsBelow(terms[key], authors[key], sources[key]) for key in studies}
    about = _read_ids(Finding.about.through._default_manager.filter(finding__study_id__in=studies), "finding_id")
    findings = _read_rows(Finding.objects.filter(study_id__in=studies), "study_id", *_FINDING_COLUMNS)
    costs = _read_rows(
        Cost.objects.filter(study_id__in=studies),
        *("study_id", "amount", "currency", "year", "per", "statement_es", "statement_en"),
    )
    harming = _read_ids(Study.harms_about.through._default_manager.filter(study_id__in=studies), "study_id")
    published = _read_rows(
        PublishedAppraisal.objects.filter(study_id__in=studies),
        *("study_id", "risk_of_bias_id", "domains", *PUBLISHED_TEXTS),
    )
    appraisals: defaultdict[int, list[Appraisal]] = defaultdict(list)
    for row in Appraisal.objects.filter(study_id__in=studies).select_related("instrument"):
        appraisals[row.study_id].append(row)
    public = Study.objects.published().values("slug")
    inclusions = _read_rows(Inclusion.objects.filter(review_id__in=studies, slug__in=public), "review_id", "slug")
    return {
        key: _RowsBelow(
            terms=terms[key],
            authors=authors[key],
            sources=sources[key],
            findings=[(row, about[row.pk]) for row in findings[key]],
            costs=costs[key],
            harming=harming[key],
            published=published[key],
            appraisals=appraisals[key],
            inclusions=inclusions[key],
        )
        for key in studies
    }


def _read_rows(rows: QuerySet[Any], owner: str, *columns: str) -> defaultdict[int, list[Any]]:
    """Return named tuples of these columns in the order of their model, by the id in the column `owner`: one query."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows.values_list(owner, *columns, named=True):
        found[row[0]].append(row)
    return found


def _read_ids(links: QuerySet[Any], owner: str) -> defaultdict[int, list[int]]:
    """Return the ids of terms by the id in the column `owner`, of the rows that link both: one query."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for key, term_id in links.values_list(owner, "term_id"):
        found[key].append(term_id)
    return found


def author_to_record(row: Authorship) -> AuthorRecord:
    """Convert one author."""
    return AuthorRecord(
        family=row.family or None,
        given=row.given or None,
        literal=row.literal or None,
        non_dropping_particle=row.non_dropping_particle or None,
        dropping_particle=row.dropping_particle or None,
        orcid=row.orcid or None,
        ror=row.ror or None,
    )


def _beside_authors(study: Any) -> dict[str, Any]:
    """Return the parts of a reference that are no texts: date, standard numbers, editors and translators."""
    return {
        **{name: getattr(study, name) for name in DATE},
        **{name: tuple(getattr(study, name)) for name in LISTS_OF_TEXTS},
        **{
            name: tuple(AuthorRecord.from_json(person) for person in getattr(study, name))
            for name in PEOPLE_BESIDE_AUTHORS
        },
    }


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


def _published_appraisal(row: PublishedAppraisal, vocabulary: Vocabularies) -> PublishedAppraisalRecord:
    texts: dict[str, Any] = {name: getattr(row, name) or None for name in PUBLISHED_TEXTS}
    return PublishedAppraisalRecord(
        **texts, risk_of_bias=_get_code(vocabulary, row.risk_of_bias_id), domains=dict(row.domains)
    )


def _finding_to_record(row: Finding, about: Iterable[int], vocabulary: Vocabularies) -> FindingRecord:
    texts: dict[str, Any] = {name: getattr(row, name) or None for name in FINDING_TEXTS}
    values: dict[str, Any] = {name: getattr(row, name) for name in FINDING_VALUES}
    codes: dict[str, Any] = {name: _get_code(vocabulary, getattr(row, f"{name}_id")) for name in CODES_OF_FINDING}
    return FindingRecord(
        about=None if row.is_about_all else _codes_in_order(about, vocabulary),
        arms=tuple(ArmRecord.from_json(arm) for arm in row.arms),
        **texts,
        **values,
        **codes,
    )


def _get_code(vocabulary: Vocabularies, term_id: int | None) -> str | None:
    return vocabulary.by_id[term_id].code if term_id else None
