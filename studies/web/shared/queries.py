"""Queries of the public pages, beside those for one study. Each function states how many queries it makes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from studies.models import (
    Decision,
    Evaluation,
    EvaluationStudy,
    Inclusion,
    Instrument,
    PolicyQuestion,
    Programme,
    ProgrammeStudy,
    Stage,
    Study,
)
from studies.records.appraisal import InstrumentRecord
from studies.store.exchange import appraisal as exchange_appraisal


@dataclass(frozen=True, slots=True)
class ReviewRows:
    """Reviews and the studies that they include, seen from one study; all are published, the newest first.

    `overlaps` are the reviews that include some of the same published studies, with their number, most first.
    """

    included: Sequence[Study] = ()
    included_in: Sequence[Study] = ()
    overlaps: Sequence[tuple[Study, int]] = ()


def count_published() -> int:
    """Count the published studies: one query."""
    return Study.objects.published().count()


def newest_studies(number: int) -> list[Study]:
    """Return the newest published studies, by year, as `study_line` needs them: four queries."""
    return list(Study.objects.for_results().order_by("-year", "slug")[:number])


def programmes_at(stages: Iterable[str]) -> list[Programme]:
    """Return the programmes at one of these stages that have a page, with their countries: two queries."""
    found = Programme.objects.public().filter(stage__in=list(stages))
    return list(found.order_by("name").prefetch_related("countries"))


def studies_of_evaluations(evaluations: Iterable[Evaluation]) -> dict[int, list[Study]]:
    """Return the published studies of each evaluation, main one first: five queries, none without evaluations."""
    ids = [evaluation.pk for evaluation in evaluations]
    if not ids:
        return {}
    places = list(EvaluationStudy.objects.filter(evaluation__in=ids).order_by("position", "id"))
    found = Study.objects.for_results().in_bulk({place.study_id for place in places})
    grouped: dict[int, list[Study]] = {pk: [] for pk in ids}
    for place in places:
        if place.study_id in found:
            grouped[place.evaluation_id].append(found[place.study_id])
    return grouped


def reviews_and_included(study: Study) -> ReviewRows:
    """Return the studies that a study of `for_record` includes, the reviews that include it, and their overlap.

    One query for a study that no review includes and that includes none, five for one that a review includes, nine at
    most.
    """
    slugs = [row.slug for row in study.inclusions.all()]
    reviews = list(
        Inclusion.objects.filter(slug__in=[study.slug, *slugs])
        .exclude(review=study)
        .filter(review__stage=Stage.PUBLISHED)
        .values_list("review", "slug")
    )
    included = list(Study.objects.for_results().filter(slug__in=slugs).order_by("-year", "slug")) if slugs else []
    public = {each.slug for each in included}
    shared = Counter(review for review, slug in reviews if slug in public)
    including = {review for review, slug in reviews if slug == study.slug}
    keys = including | shared.keys()
    rows = list(Study.objects.for_results().filter(pk__in=keys).order_by("-year", "slug")) if keys else []
    found = {row.pk: row for row in rows}
    return ReviewRows(
        included=included,
        included_in=[row for row in found.values() if row.pk in including],
        overlaps=[(found[key], count) for key, count in shared.most_common()],
    )


def offered_instruments() -> list[Instrument]:
    """Return the instruments that studies are appraised with: one query."""
    return list(Instrument.objects.filter(is_retired=False))


def instruments_of(study: Study) -> dict[str, InstrumentRecord]:
    """Return the instruments of a study's appraisals, by their codes: four queries, none without appraisals."""
    rows = [appraisal.instrument for appraisal in study.appraisals.all()]
    prefetch_related_objects(rows, *exchange_appraisal.INSTRUMENT_PARTS)
    return {row.slug: exchange_appraisal.instrument_to_record(row) for row in rows}


def evaluation_names(slugs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the names of evaluations in Spanish and English, by slug: one query."""
    rows = Evaluation.objects.filter(slug__in=list(slugs)).values_list("slug", "name_es", "name_en")
    return {slug: (name_es, name_en) for slug, name_es, name_en in rows}


def public_programmes() -> list[Programme]:
    """Return all programmes that have a page, with their countries and themes: three queries."""
    return list(Programme.objects.public().order_by("name").prefetch_related("countries", "themes"))


def public_programmes_named(slugs: Sequence[str]) -> list[Programme]:
    """Return the programmes with these slugs that have a page, in their order, with their countries: two queries."""
    found = {
        each.slug: each for each in Programme.objects.public().filter(slug__in=slugs).prefetch_related("countries")
    }
    return [found[slug] for slug in slugs if slug in found]


def studies_by_programme() -> dict[int, set[int]]:
    """Return the keys of the published studies of each programme, by name or otherwise: two queries."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    named = Study.objects.published().filter(programme__isnull=False).order_by()
    for programme, study in named.values_list("programme", "pk"):
        found[programme].add(study)
    for programme, study in ProgrammeStudy.objects.filter(study__stage="published").values_list("programme", "study"):
        found[programme].add(study)
    return found


def programme_for_page(slug: str) -> Programme | None:
    """Return a programme, public or not, with its countries and themes: three queries."""
    return Programme.objects.filter(slug=slug).prefetch_related("countries", "themes").first()


def studies_of_programme(programme: Programme) -> list[Study]:
    """Return its published studies as records are read, the newest first: twelve queries, one without studies."""
    belongs = Q(programme=programme) | Q(programmes=programme)
    # Unordered: columns of an order would become part of DISTINCT.
    keys = list(Study.objects.published().filter(belongs).order_by().values_list("pk", flat=True).distinct())
    return list(Study.objects.for_export().filter(pk__in=keys).order_by("-year", "slug")) if keys else []


def studies_rested_on(rows: Iterable[Study]) -> list[Study]:
    """Return those of `rows` that are published, as `study_line` needs them, the newest first: four queries."""
    keys = [row.pk for row in rows]
    return list(Study.objects.for_results().filter(pk__in=keys).order_by("-year", "slug")) if keys else []


def trials_of_programme(programme: Programme) -> list[Evaluation]:
    """Return the trials that test a programme: one query."""
    trials = Evaluation.objects.filter(programme=programme, kind=Evaluation.Kind.TRIAL)
    return list(trials.order_by("slug"))


def countries_of_programmes(keys: Iterable[int]) -> dict[int, list[int]]:
    """Return the countries of programmes, as keys of terms by key of programme: one query."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    links = Programme.countries.through.objects.filter(programme__in=list(keys)).order_by("term__position")
    for programme, term in links.values_list("programme_id", "term_id"):
        found[programme].append(term)
    return found


def decisions_on(programme: Programme) -> list[Decision]:
    """Return what was decided on a programme, the latest first, with the published studies that it rests on.

    Five queries; one without decisions.
    """
    studies = Prefetch("studies", Study.objects.for_results().order_by("-year", "slug"))
    return list(Decision.objects.filter(programme=programme, is_published=True).prefetch_related(studies))


def published_questions() -> QuerySet[PolicyQuestion]:
    """Return the published policy questions, the last reviewed first: one query."""
    return PolicyQuestion.objects.filter(is_published=True)


def question_for_page(slug: str) -> PolicyQuestion | None:
    """Return a policy question, public or not, with its searches and what is public of its studies and programmes.

    Eight queries.
    """
    studies = Prefetch("studies", Study.objects.for_results().order_by("-year", "slug"))
    programmes = Prefetch("programmes", Programme.objects.public().order_by("name").prefetch_related("countries"))
    return PolicyQuestion.objects.filter(slug=slug).prefetch_related("searches", studies, programmes).first()


def questions_of_programme(programme: Programme) -> list[PolicyQuestion]:
    """Return the published policy questions that a programme answers, the last reviewed first: one query."""
    return list(published_questions().filter(programmes=programme))
