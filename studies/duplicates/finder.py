"""Finds the pairs of studies that may be one, and stores them: the whole bank at first, then only what changed.

Pages call `find_pairs_or_ask_for_search`, which runs short searches itself and leaves long ones to the worker, which
calls `find_pairs`. All that is stored is derived, and can be found again. Pairs on which people decided are filtered
out in `decisions`.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from jobs import queue
from studies.duplicates.matching import matcher as matching_matcher
from studies.duplicates.matching.comparing import MatchKind, compare_records
from studies.duplicates.matching.matcher import (
    DuplicateMatcher,
    KnownRecord,
    StudyPair,
    extract_features,
    find_nearest,
    select_features,
)
from studies.duplicates.matching.record_profile import RecordProfile
from studies.duplicates.matching.titles import split_place_names
from studies.models import DuplicatePair, DuplicateSearch, Stage, Study, StudyFeatures
from studies.records.study import StudyRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import author_to_record

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models.querysets import StudyQuerySet
    from studies.store.vocabularies import Vocabularies

JOB = "find-duplicates"
"""The kind of job that finds them."""
MOST_STUDIES_AT_ONCE = 1_000
"""Up to so many studies, the whole bank is searched while a page waits: about two seconds."""
MOST_CHANGED_AT_ONCE = 40
"""Up to so many changed studies are compared while a page waits."""
_CLAIM_LASTS = timedelta(minutes=5)
"""How long a claim holds after the last progress: a search shows the first one only when it has read the bank."""
_PROGRESS_EVERY = 250
_BATCH = 500
_PAUSE_S = 1


class SearchProgress(NamedTuple):
    """How many studies a running search has compared, and of how many: 0 of 0 while it reads the bank."""

    done: int
    total: int


class KnownPairs(NamedTuple):
    """The stored pairs, and the progress of the search that is running, if any. `is_first`: none has ended yet."""

    pairs: list[StudyPair]
    under_way: SearchProgress | None = None
    is_first: bool = False


def find_pairs(
    tell: Callable[[int, int], object] = lambda done, total: None,
) -> list[StudyPair]:
    """Return the pairs of the present bank, however long that takes. Waits for another process that is searching.

    `tell` is called with the progress of a search of the whole bank, and while it waits. What it raises ends that.
    """
    with bank_state.cached_counter():
        while _is_behind(search := DuplicateSearch.current()):
            if _claim(search):
                _run_claimed(search, tell)
            else:
                tell(search.done, search.total)
                time.sleep(_PAUSE_S)
        return _read_pairs()


def find_pairs_or_ask_for_search() -> KnownPairs:
    """Return the pairs without waiting long: the worker is asked for a slow search, and its progress returned."""
    with bank_state.cached_counter():
        search = DuplicateSearch.current()
        if _is_behind(search):
            if _is_slow(search):
                queue.ask(JOB)
                is_first = _is_first(search)
                return KnownPairs(
                    [] if is_first else _read_pairs(), SearchProgress(search.done, search.total), is_first
                )
            _run_search(search)
        return KnownPairs(_read_pairs())


def is_long_search_due() -> bool:
    """Say whether more has changed since the last search than a page compares by itself: at most three queries."""
    search = DuplicateSearch.current()
    return _is_behind(search) and _is_slow(search)


def build_matcher(see: Callable[[int], object] = lambda key: None) -> DuplicateMatcher:
    """Build a matcher with every study of the bank, whatever its stage: four queries, and about 0.4 ms a study.

    A merged study has the id of the study that it was merged into. `see` is called with the id of each row, in the
    order of the matcher's `features`.
    """
    vocabulary = vocabularies.current()
    return DuplicateMatcher(iterate_known(Study.objects.all(), vocabulary, see), read_place_words(vocabulary))


def iterate_known(
    studies: StudyQuerySet, vocabulary: Vocabularies, see: Callable[[int], object] = lambda key: None
) -> Iterator[KnownRecord]:
    """Yield `studies` as a matcher wants them, in the order of their keys: three queries."""
    merged = _read_merge_targets()
    for row in studies.for_matching().order_by("pk").iterator(chunk_size=2_000):
        see(row.pk)
        yield KnownRecord(merged.get(row.pk, row.pk), to_matching_record(row, vocabulary))


def to_matching_record(row: Study, vocabulary: Vocabularies) -> StudyRecord:
    """Convert a study that was read by `for_matching` to a record with the fields that are compared."""
    return StudyRecord(
        id=row.slug,
        title=row.title,
        title_es=row.title_es or None,
        title_en=row.title_en or None,
        language=vocabulary.by_id[row.language_id].code if row.language_id else None,
        authors=tuple(author_to_record(author) for author in row.authorships.all()),
        year=row.year,
        type=vocabulary.by_id[row.type_id].code if row.type_id else None,
        container_title=row.container_title or None,
        volume=row.volume or None,
        pages=row.pages or None,
        doi=row.doi,
    )


def read_place_words(vocabulary: Vocabularies) -> frozenset[str]:
    """Return the words in names of countries and regions: titles that name different ones are of different studies."""
    return split_place_names(name for term in vocabulary.terms("countries") for name in (term.es, term.en))


def _compute_version() -> str:
    words = "\n".join(sorted(read_place_words(vocabularies.current())))
    return f"{matching_matcher.VERSION}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _is_first(search: DuplicateSearch) -> bool:
    return search.made_with != _compute_version()


def _is_behind(search: DuplicateSearch) -> bool:
    return _is_first(search) or search.change_no < bank_state.current().change_no


def _is_slow(search: DuplicateSearch) -> bool:
    if _is_first(search):
        return Study.objects.count() > MOST_STUDIES_AT_ONCE
    return Study.objects.changed_since(search.change_no).count() > MOST_CHANGED_AT_ONCE


def _read_pairs() -> list[StudyPair]:
    """Return all stored pairs, without those of drafts that were deleted since: one query."""
    there = [Exists(Study.objects.filter(pk=OuterRef(name))) for name in ("first", "second")]
    rows = DuplicatePair.objects.filter(*there).values_list("first", "second", "kind", "score", "reasons")
    return [StudyPair(first, second, MatchKind(kind), score, tuple(why)) for first, second, kind, score, why in rows]


def _filter_unchanged(search: DuplicateSearch) -> QuerySet[DuplicateSearch]:
    return DuplicateSearch.objects.filter(made_with=search.made_with, change_no=search.change_no)


def _claim(search: DuplicateSearch) -> bool:
    """Claim the search for this process. Return False if another process has claimed it, or has ended it since.

    A claim expires, so that a process that was killed does not block the search.
    """
    now = timezone.now()
    free = _filter_unchanged(search).filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
    return bool(free.update(claimed_until=now + _CLAIM_LASTS, done=0, total=0))


def _run_claimed(search: DuplicateSearch, tell: Callable[[int, int], object]) -> None:
    try:
        _run_search(search, tell)
    except BaseException:
        # Somebody ended it, or the worker stops: the next one need not wait until the claim runs out.
        _filter_unchanged(search).update(claimed_until=None, done=0, total=0)
        raise


def _renew_claim(done: int = 0, total: int = 0) -> None:
    DuplicateSearch.objects.update(claimed_until=timezone.now() + _CLAIM_LASTS, done=done, total=total)


class _SearchResult(NamedTuple):
    """Pairs and features to store: of the whole bank, or in place of those of the studies `of`."""

    pairs: Iterable[StudyPair]
    features: Mapping[int, Iterable[str]]
    of: list[int] | None = None


def _run_search(search: DuplicateSearch, tell: Callable[[int, int], object] = lambda done, total: None) -> None:
    """Compare what changed since `search`, and store the result unless another process has done so."""
    # Read before any study: a change that commits meanwhile is compared by the next search.
    reached = {"made_with": _compute_version(), "change_no": bank_state.current().change_no}
    found = _compare_all(tell) if _is_first(search) else _compare_changed(search.change_no)
    with transaction.atomic():
        # Compare-and-set: of two processes that searched at once, only the first one stores its result.
        if _filter_unchanged(search).update(**reached, claimed_until=None, done=0, total=0):
            _save_result(found)


def _save_result(found: _SearchResult) -> None:
    if found.of is None:
        DuplicatePair.objects.all().delete()
        StudyFeatures.objects.all().delete()
    else:
        for start in range(0, len(found.of), _BATCH):
            part = found.of[start : start + _BATCH]
            DuplicatePair.objects.filter(Q(first__in=part) | Q(second__in=part)).delete()
    StudyFeatures.objects.bulk_create(
        (StudyFeatures(study_id=row, features=sorted(names)) for row, names in found.features.items()),
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["study"],
        update_fields=["features"],
    )
    DuplicatePair.objects.bulk_create(
        (
            DuplicatePair(first_id=first, second_id=second, kind=kind.value, score=score, reasons=reasons)
            for first, second, kind, score, reasons in found.pairs
        ),
        batch_size=_BATCH,
    )


def _compare_all(tell: Callable[[int, int], object]) -> _SearchResult:
    rows: list[int] = []
    matcher = build_matcher(rows.append)

    def tell_some(done: int) -> None:
        if done % _PROGRESS_EVERY == 0:
            _renew_claim(done, len(rows))
            tell(done, len(rows))

    pairs = list(matcher.pairs(tell_some))
    return _SearchResult(pairs, dict(zip(rows, matcher.features(), strict=True)))


def _compare_changed(change_no: int) -> _SearchResult:
    """Compare the studies that changed since, and those into which changed ones were merged."""
    changed = set(Study.objects.changed_since(change_no).values_list("pk", flat=True))
    merged = _read_merge_targets()
    answering = changed | {merged.get(study_id, study_id) for study_id in changed}
    own = _read_profiles(answering | {row for row, target in merged.items() if target in answering})
    features = {row: extract_features(profile) for row, profile in own.items()}
    near = _find_nearest(features)
    others = own | _read_profiles({other for found in near.values() for other in found} - own.keys())
    words = read_place_words(vocabularies.current())
    best: dict[tuple[int, int], StudyPair] = {}
    for row, profile in own.items():
        for other in near[row]:
            one, two = merged.get(row, row), merged.get(other, other)
            # A draft that was deleted leaves its features behind.
            if one != two and other in others and (found := compare_records(profile, others[other], words)):
                pair = StudyPair.of(one, two, found)
                if pair[:2] not in best or pair.score > best[pair[:2]].score:
                    best[pair[:2]] = pair
    return _SearchResult(best.values(), features, sorted(answering))


def _find_nearest(own: Mapping[int, Collection[str]]) -> dict[int, list[int]]:
    """Return, for each row with new features, the rows that share most with it: one pass over all features."""
    wanted = set[str]().union(*own.values())
    kept = StudyFeatures.objects.values_list("study", "features").iterator()
    sizes: dict[int, int] = {}
    lists: dict[str, list[int]] = defaultdict(list)
    for row, names in chain(own.items(), ((row, names) for row, names in kept if row not in own)):
        sizes[row] = len(names)
        for name in wanted.intersection(names):
            lists[name].append(row)
    read = {row: select_features({name: len(lists[name]) for name in names}) for row, names in own.items()}
    return {row: find_nearest([lists[name] for name in names], sizes, len(sizes)) for row, names in read.items()}


def _read_profiles(rows: Iterable[int]) -> dict[int, RecordProfile]:
    vocabulary = vocabularies.current()
    studies = Study.objects.for_matching().in_bulk(sorted(rows))
    return {row: RecordProfile.of(to_matching_record(study, vocabulary)) for row, study in studies.items()}


def _read_merge_targets() -> dict[int, int]:
    """Return the id at the end of the chain of merges, by the id of each merged study: one query."""
    into = dict(Study.objects.filter(stage=Stage.MERGED).values_list("pk", "merged_into_id"))
    return {study_id: _follow_merges(study_id, into) for study_id in into}


def _follow_merges(study_id: int, into: dict[int, int]) -> int:
    while study_id in into:
        study_id = into[study_id]
    return study_id
