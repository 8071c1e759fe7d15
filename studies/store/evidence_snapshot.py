"""The findings of all published studies as one value in memory, from which map, syntheses and comparisons count.

Each process caches it by change number: the first call reads the whole bank, later ones only what changed since. What
is made of it is in `studies.synthesis`.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from studies.models import EvaluationStudy, Finding, Stage, Study, StudyTerm
from studies.models import Vocabulary as Vocabulary
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.study import DESCRIBED, TESTED_ROLES, EvaluationRecord, InterventionRecord
from studies.store import bank_state, vocabularies
from studies.store.study_details import read_details
from studies.synthesis.evaluations import COUNTED_FAMILIES, REVIEW_FAMILY
from studies.synthesis.evidence import Evidence, StudyEvidence, Taxonomy, build_evidence, list_claims
from studies.synthesis.nearness import find_nearest_step
from studies.synthesis.plots import Measure

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import BankCounter
    from studies.store.vocabularies import Vocabularies

_MOST_CHANGED = 500
"""Beyond this number of changed studies all are read again, as their ids are parameters of a query."""

_LISTS = (
    Vocabulary.THEMES,
    Vocabulary.EXPOSURES,
    Vocabulary.DATA_SOURCES,
    Vocabulary.OUTCOMES,
    Vocabulary.DESIGNS,
    Vocabulary.POPULATIONS,
    Vocabulary.SETTINGS,
    Vocabulary.COUNTRIES,
)


def current() -> Evidence:
    """Return the evidence of the present version of the bank.

    No query while nothing changed, twelve to read the whole bank, fourteen after a change of few studies. A change of
    the vocabularies, which is rare, makes it read all studies again.
    """
    return _cache.evidence()


def forget() -> None:
    """Empty the cache. For tests, in which change numbers repeat."""
    _cache.forget()


def build_taxonomy(vocabulary: Vocabularies) -> Taxonomy:
    """Build the part of the vocabularies that syntheses need."""
    return Taxonomy(
        families=tuple(term.code for term in vocabulary.terms("design_families")),
        family_of_design={term.code: term.parent or "" for term in vocabulary.terms("designs")},
        group_of_outcome={term.code: term.parent or "" for term in vocabulary.terms("outcomes")},
        region_of_country={term.code: term.parent or "" for term in vocabulary.terms("countries")},
    )


def read_measures(vocabulary: Vocabularies) -> Mapping[str, Measure]:
    """Return the measures of the vocabulary, in its order."""
    return {
        term.code: Measure(
            code=term.code,
            null=term.attributes.get("null"),
            scale=term.attributes.get("scale"),
            kind=term.attributes.get("kind", ""),
        )
        for term in vocabulary.terms("measures")
    }


@dataclass(frozen=True, slots=True)
class _SnapshotVersion:
    """A version of the bank. The times tell apart numbers that are used twice, after a rollback or a restore."""

    bank_id: str
    change_no: int
    changed_at: datetime
    vocabulary_no: int
    vocabulary_at: datetime

    @classmethod
    def of(cls, counter: BankCounter) -> _SnapshotVersion:
        return cls(
            str(counter.bank_id),
            counter.change_no,
            counter.changed_at,
            counter.vocabulary_no,
            counter.vocabulary_at,
        )


class _EvidenceCache:
    """Holds the evidence of the last version that was asked for. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._version: _SnapshotVersion | None = None
        self._evidence: Evidence | None = None

    def evidence(self) -> Evidence:
        wanted = _SnapshotVersion.of(bank_state.current())
        # Locked while reading too: threads that ask at once would each read the whole bank.
        with self._lock:
            if self._evidence is None or self._version != wanted:
                self._evidence = self._gathered(wanted)
                self._version = wanted
            return self._evidence

    def _gathered(self, wanted: _SnapshotVersion) -> Evidence:
        vocabulary = vocabularies.current()
        held = self._held_before(wanted)
        changed = self._changed(wanted) if held is not None else None
        if held is None or changed is None:
            studies = {study.key: study for study in _read_studies(vocabulary, None)}
        else:
            studies = {key: study for key, study in held.studies.items() if key not in changed}
            studies |= {study.key: study for study in _read_studies(vocabulary, changed)}
        return build_evidence(studies.values(), _read_evaluations(), build_taxonomy(vocabulary))

    def _held_before(self, wanted: _SnapshotVersion) -> Evidence | None:
        """Return the cached evidence if `wanted` follows from its version by changes of studies alone, else None."""
        held = self._version
        if held is None or held.bank_id != wanted.bank_id or held.change_no > wanted.change_no:
            return None
        if (held.vocabulary_no, held.vocabulary_at) != (wanted.vocabulary_no, wanted.vocabulary_at):
            return None
        same_past = (
            held.changed_at == wanted.changed_at
            if held.change_no == wanted.change_no
            else bank_state.was_made_at(held.change_no, held.changed_at)
        )
        return self._evidence if same_past else None

    def _changed(self, wanted: _SnapshotVersion) -> set[int] | None:
        """Return the ids of the studies that changed since, or None if they are more than _MOST_CHANGED."""
        assert self._version is not None
        if self._version.change_no == wanted.change_no:
            return set()
        rows = Study.objects.changed_since(self._version.change_no).values_list("pk", flat=True)
        changed = set(rows[: _MOST_CHANGED + 1])
        return changed if len(changed) <= _MOST_CHANGED else None


_cache = _EvidenceCache()


def _read_studies(vocabulary: Vocabularies, keys: Collection[int] | None) -> Iterator[StudyEvidence]:
    """Yield the published studies with these ids, or all for None: eleven queries, none for no id."""
    if keys is not None and not keys:
        return
    published = Study.objects.published()
    below: dict[str, Any] = {"study__stage": Stage.PUBLISHED}
    if keys is not None:
        published, below = published.filter(pk__in=keys), {**below, "study__in": keys}
    codes, interventions = _read_codes(vocabulary, StudyTerm.objects.filter(**below))
    families = {term.code: term.parent for term in vocabulary.terms(Vocabulary.DESIGNS)}
    findings = _read_findings(vocabulary, below)
    details = read_details(vocabulary, published, below)
    places = {
        term.code: (term.parent, term.attributes.get("income")) for term in vocabulary.terms(Vocabulary.COUNTRIES)
    }

    @cache
    def nearness_of(countries: tuple[str, ...]) -> int:
        return find_nearest_step(places.get(code, (None, None)) for code in countries)

    rows = published.order_by("pk").values_list("pk", "slug", "year", "status_id", "programme_id")
    for key, slug, year, status_id, programme_id in rows:
        own, done = codes[key], interventions[key]
        status = vocabulary.by_id[status_id].code if status_id else None
        family = families.get(own[Vocabulary.DESIGNS][0]) if own[Vocabulary.DESIGNS] else None
        yield StudyEvidence(
            key=key,
            id=slug,
            year=year or 0,
            status=status,
            interventions=tuple(each.code for each in done if each.role is not None),
            tested=tuple(each.code for each in done if each.role in TESTED_ROLES),
            described=tuple(each.code for each in done if each.role == DESCRIBED),
            **{str(kind): tuple(own[kind]) for kind in _LISTS},
            nearness=nearness_of(tuple(own[Vocabulary.COUNTRIES])),
            programme=vocabulary.programme_by_id[programme_id].slug if programme_id else None,
            programme_stage=vocabulary.programme_by_id[programme_id].stage if programme_id else None,
            is_appraised=bool(details[key].own_appraisals),
            has_costs=bool(details[key].costs),
            details=details[key],
            claims=list_claims(
                done,
                tuple(own[Vocabulary.OUTCOMES]),
                findings[key],
                is_review=family == REVIEW_FAMILY,
                is_counted=status == "completed" and family in COUNTED_FAMILIES,
            ),
        )


def _read_codes(
    vocabulary: Vocabularies, terms: QuerySet[StudyTerm]
) -> tuple[Mapping[int, Mapping[str, list[str]]], Mapping[int, list[InterventionRecord]]]:
    """Return the codes of each study by vocabulary, in order, designs in their own, and its interventions: a query."""
    place_of = {
        term_id: vocabulary.order(term_id)
        for term_id, term in vocabulary.by_id.items()
        if term.vocabulary != Vocabulary.DESIGNS
    }
    found: defaultdict[int, list[tuple[int, int, int | None]]] = defaultdict(list)
    rows = terms.order_by().values_list("study_id", "term_id", "position", "role_id")
    for study, term_id, position, in_role in rows:
        found[study].append((place_of.get(term_id, position), term_id, in_role))
    codes: defaultdict[int, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    interventions: defaultdict[int, list[InterventionRecord]] = defaultdict(list)
    for study, placed in found.items():
        for _place, term_id, role_id in sorted(placed, key=itemgetter(0, 1)):
            term = vocabulary.by_id[term_id]
            if term.vocabulary == Vocabulary.INTERVENTIONS:
                role = vocabulary.by_id[role_id].code if role_id else None
                interventions[study].append(InterventionRecord(term.code, role))
            else:
                codes[study][term.vocabulary].append(term.code)
    return codes, interventions


_CODES = ("outcome", "effect", "comparator", "reporter", "measure", "unit")
_TEXTS = (
    *("trial", "arm_es", "arm_en", "subgroup_es", "subgroup_en", "comparator_es", "comparator_en"),
    *("statement_es", "statement_en", "higher_is", "follow_up"),
)
_VALUES = (
    *("inconclusive", "primary", "adjusted", "value", "ci_low", "ci_high", "ci_level"),
    *("p", "p_below", "se", "n", "follow_up_months"),
)


def _read_findings(vocabulary: Vocabularies, below: Mapping[str, Any]) -> Mapping[int, list[FindingRecord]]:
    """Return the findings of each study, whole: two queries."""
    terms: defaultdict[int, list[int]] = defaultdict(list)
    through = Finding.about.through.objects.filter(**{f"finding__{path}": of for path, of in below.items()})
    for finding_id, term_id in through.values_list("finding_id", "term_id"):
        terms[finding_id].append(term_id)
    found: defaultdict[int, list[FindingRecord]] = defaultdict(list)
    rows = Finding.objects.filter(**below).order_by("position", "id")
    columns = ("pk", "study_id", "is_about_all", "arms", *(f"{name}_id" for name in _CODES), *_TEXTS, *_VALUES)
    for pk, study, is_about_all, arms, *rest in rows.values_list(*columns):
        ids, texts, values = rest[: len(_CODES)], rest[len(_CODES) : -len(_VALUES)], rest[-len(_VALUES) :]
        codes = (vocabulary.by_id[each].code if each else None for each in ids)
        known: dict[str, Any] = dict(zip(_CODES, codes, strict=True))
        known |= {name: text or None for name, text in zip(_TEXTS, texts, strict=True)}
        known |= dict(zip(_VALUES, values, strict=True))
        about = sorted(terms[pk], key=vocabulary.order)
        found[study].append(
            FindingRecord(
                about=None if is_about_all else tuple(vocabulary.by_id[term_id].code for term_id in about),
                arms=tuple(ArmRecord.from_json(each) for each in arms),
                **known,
            )
        )
    return found


def _read_evaluations() -> Iterable[EvaluationRecord]:
    """Return the trials and data sets with their published studies: one query."""
    groups: dict[str, tuple[str, list[str]]] = {}
    rows = EvaluationStudy.objects.filter(study__stage=Stage.PUBLISHED).order_by("evaluation__slug", "position", "id")
    for slug, kind, study in rows.values_list("evaluation__slug", "evaluation__kind", "study__slug"):
        groups.setdefault(slug, (kind, []))[1].append(study)
    return [EvaluationRecord(slug, kind, slug, slug, studies=tuple(own)) for slug, (kind, own) in groups.items()]
