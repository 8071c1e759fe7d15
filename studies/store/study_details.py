"""What summaries of findings need of published studies beside their findings, read from rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from studies.citations.names import format_short_authors
from studies.models import Appraisal, Authorship, Cost, Inclusion, PublishedAppraisal, Study
from studies.store.exchange.study import cost_to_record
from studies.store.vocabularies import Vocabularies
from studies.synthesis.study_details import StudyDetails, author_key

if TYPE_CHECKING:
    from django.db.models import QuerySet


class _Author(NamedTuple):
    """The name of an author as its row has it: a whole row for each would be a fifth of the time of reading."""

    family: str
    given: str
    non_dropping_particle: str
    dropping_particle: str
    literal: str


def read_details(
    vocabulary: Vocabularies, published: QuerySet[Study], below: Mapping[str, Any]
) -> Mapping[int, StudyDetails]:
    """Return the details of studies by primary key: seven queries. `below` selects rows of the same studies."""
    authors = _read_authors(below)
    costs = _group(Cost.objects.filter(**below).order_by("study_id", "position", "id"))
    own = Counter(Appraisal.objects.filter(**below).values_list("study_id", flat=True))
    by_others = Counter(PublishedAppraisal.objects.filter(**below).values_list("study_id", flat=True))
    of_review = {f"review{path.removeprefix('study')}": value for path, value in below.items()}
    included = _gather(Inclusion.objects.filter(**of_review).order_by("slug").values_list("review_id", "slug"))
    harming = _gather(
        (study, vocabulary.by_id[term].code)
        for study, term in Study.harms_about.through.objects.filter(**below).values_list("study_id", "term_id")
    )
    columns = (
        "sample_size",
        "sample_unit_id",
        "harms_id",
        "harms_es",
        "harms_en",
        "registration",
        "delivery_es",
        "delivery_en",
    )
    return {
        key: StudyDetails(
            id=slug,
            author_names=(format_short_authors(authors[key], "es"), format_short_authors(authors[key], "en")),
            authors=frozenset(author_key(each.family, each.given, each.literal) for each in authors[key]),
            sample_size=size,
            sample_unit=vocabulary.by_id[unit].code if unit else None,
            harms=vocabulary.by_id[harms].code if harms else None,
            harms_es=harms_es or None,
            harms_en=harms_en or None,
            harms_about=tuple(sorted(harming[key])),
            costs=tuple(cost_to_record(each) for each in costs[key]),
            registration=tuple(registration),
            delivery_es=delivery_es or None,
            delivery_en=delivery_en or None,
            published_appraisals=by_others[key],
            own_appraisals=own[key],
            includes=tuple(included[key]),
        )
        for key, slug, size, unit, harms, harms_es, harms_en, registration, delivery_es, delivery_en in (
            published.values_list("pk", "slug", *columns)
        )
    }


def _read_authors(below: Mapping[str, Any]) -> defaultdict[int, list[_Author]]:
    found: defaultdict[int, list[_Author]] = defaultdict(list)
    rows = Authorship.objects.filter(**below).order_by("study_id", "position", "id")
    for study, *name in rows.values_list("study_id", *_Author._fields):
        found[study].append(_Author(*name))
    return found


def _group(rows: Iterable[Cost]) -> defaultdict[int, list[Cost]]:
    found: defaultdict[int, list[Cost]] = defaultdict(list)
    for row in rows:
        found[row.study_id].append(row)
    return found


def _gather(pairs: Iterable[tuple[int, str]]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for study, value in pairs:
        found[study].append(value)
    return found
