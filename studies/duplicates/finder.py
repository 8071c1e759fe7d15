"""Finds the pairs of studies that may be one, and keeps them in the database: the whole bank once, then what changed.

A page calls `bring_up`, which does at once what takes a moment and leaves the rest to `manage.py find_duplicates`, in a
process of its own; commands call `find`. Pairs and all that is kept with them are derived: they can be found anew. What
is made of the pairs is in `duplicates`.
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

from studies import background
from studies.duplicates.matching import matcher as matching_matcher
from studies.duplicates.matching.comparing import Kind, compare
from studies.duplicates.matching.matcher import Known, Matcher, Pair, features_of, nearest, read_of
from studies.duplicates.matching.portrait import Portrait
from studies.duplicates.matching.titles import place_words
from studies.models import DuplicatePair, DuplicateSearch, Stage, Study, StudyFeatures
from studies.records.study import StudyRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import author_record

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.store.vocabularies import Vocabularies

QUICKLY_READ = 1_000
"""A bank of so many studies is searched as a whole while somebody waits: some two seconds."""
FEW = 40
"""Changed studies that are compared while somebody waits."""
_CLAIM = timedelta(minutes=5)
"""How long a search without a sign of life is taken to be under way: it gives the first when it has read the bank."""
_TOLD_EVERY = 250
_BATCH = 500
_PAUSE_S = 1


class Progress(NamedTuple):
    """How many studies a search under way has compared, and of how many. 0 of 0 when it just began."""

    done: int
    total: int


class Found(NamedTuple):
    """The pairs that are known, and the search that will know more, if any. `is_first`: nothing is known yet."""

    pairs: list[Pair]
    under_way: Progress | None = None
    is_first: bool = False


def find(tell: Callable[[int, int], object] = lambda done, total: None, *, is_claimed: bool = False) -> list[Pair]:
    """Return the pairs of the bank as it is, however long that takes; where another process searches, wait for it.

    `tell` hears how far a search of the whole bank is. `is_claimed`: `bring_up` has claimed the search for it.
    """
    with bank_state.remembering():
        while _is_behind(search := DuplicateSearch.current()):
            if is_claimed or _claim(search):
                _search(search, tell)
                is_claimed = False
            else:
                tell(search.done, search.total)
                time.sleep(_PAUSE_S)
        return _pairs()


def bring_up() -> Found:
    """Return the pairs at once; what takes long is left to another process, and told."""
    with bank_state.remembering():
        search = DuplicateSearch.current()
        if _is_behind(search):
            if _takes_long(search):
                if _claim(search):
                    background.start("find_duplicates", "--claimed")
                is_first = _is_first(search)
                return Found([] if is_first else _pairs(), Progress(search.done, search.total), is_first)
            _search(search)
        return Found(_pairs())


def new_matcher(see: Callable[[int], object] = lambda key: None) -> Matcher:
    """Return a matcher of its own that knows every study of the bank, whatever its stage: four queries.

    A study that was merged is known under the number of the one that it leads to. Some 0.4 ms for each study.
    `see` is told the key of each row, in the order of the matcher's `features`.
    """
    vocabulary = vocabularies.current()
    merged = _leads()

    def known() -> Iterator[Known]:
        for row in Study.objects.for_matching().order_by("pk").iterator(chunk_size=2_000):
            see(row.pk)
            yield Known(merged.get(row.pk, row.pk), record_of(row, vocabulary))

    return Matcher(known(), places(vocabulary))


def record_of(row: Study, vocabulary: Vocabularies) -> StudyRecord:
    """Return what is compared of a study of `for_matching`."""
    return StudyRecord(
        id=row.slug,
        title=row.title,
        title_es=row.title_es or None,
        title_en=row.title_en or None,
        language=vocabulary.by_id[row.language_id].code if row.language_id else None,
        authors=tuple(author_record(author) for author in row.authorships.all()),
        year=row.year,
        type=vocabulary.by_id[row.type_id].code if row.type_id else None,
        container_title=row.container_title or None,
        volume=row.volume or None,
        pages=row.pages or None,
        doi=row.doi,
    )


def places(vocabulary: Vocabularies) -> frozenset[str]:
    """Return the words of countries and regions, which keep titles apart."""
    return place_words(name for term in vocabulary.terms("countries") for name in (term.es, term.en))


def _made_with() -> str:
    words = "\n".join(sorted(places(vocabularies.current())))
    return f"{matching_matcher.VERSION}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _is_first(search: DuplicateSearch) -> bool:
    return search.made_with != _made_with()


def _is_behind(search: DuplicateSearch) -> bool:
    return _is_first(search) or search.change_no < bank_state.current().change_no


def _takes_long(search: DuplicateSearch) -> bool:
    if _is_first(search):
        return Study.objects.count() > QUICKLY_READ
    return Study.objects.changed_since(search.change_no).count() > FEW


def _pairs() -> list[Pair]:
    """Return all pairs but those of drafts that were deleted since: one query."""
    there = [Exists(Study.objects.filter(pk=OuterRef(name))) for name in ("first", "second")]
    rows = DuplicatePair.objects.filter(*there).values_list("first", "second", "kind", "score", "reasons")
    return [Pair(first, second, Kind(kind), score, tuple(why)) for first, second, kind, score, why in rows]


def _as_read(search: DuplicateSearch) -> QuerySet[DuplicateSearch]:
    return DuplicateSearch.objects.filter(made_with=search.made_with, change_no=search.change_no)


def _claim(search: DuplicateSearch) -> bool:
    """Claim what `search` has not seen for a process, while it gives signs of life. False if another has or had it."""
    now = timezone.now()
    free = _as_read(search).filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
    return bool(free.update(claimed_until=now + _CLAIM, done=0, total=0))


def _show_life(done: int = 0, total: int = 0) -> None:
    DuplicateSearch.objects.update(claimed_until=timezone.now() + _CLAIM, done=done, total=total)


class _Result(NamedTuple):
    """Pairs and features to keep: of the whole bank, or in place of all that is known of the studies `of`."""

    pairs: Iterable[Pair]
    features: Mapping[int, Iterable[str]]
    of: list[int] | None = None


def _search(search: DuplicateSearch, tell: Callable[[int, int], object] = lambda done, total: None) -> None:
    """Compare what `search` has not seen, and keep what is found unless another process was faster."""
    # Read before any study: who commits meanwhile is compared at the next question.
    reached = {"made_with": _made_with(), "change_no": bank_state.current().change_no}
    found = _compare_all(tell) if _is_first(search) else _compare_changed(search.change_no)
    with transaction.atomic():
        if _as_read(search).update(**reached, claimed_until=None, done=0, total=0):
            _keep(found)


def _keep(found: _Result) -> None:
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


def _compare_all(tell: Callable[[int, int], object]) -> _Result:
    rows: list[int] = []
    matcher = new_matcher(rows.append)

    def tell_some(done: int) -> None:
        if done % _TOLD_EVERY == 0:
            _show_life(done, len(rows))
            tell(done, len(rows))

    pairs = list(matcher.pairs(tell_some))
    return _Result(pairs, dict(zip(rows, matcher.features(), strict=True)))


def _compare_changed(change_no: int) -> _Result:
    """Compare again what has changed since, and the studies to which merged ones lead."""
    changed = set(Study.objects.changed_since(change_no).values_list("pk", flat=True))
    merged = _leads()
    answering = changed | {merged.get(study_id, study_id) for study_id in changed}
    own = _portraits(answering | {row for row, target in merged.items() if target in answering})
    features = {row: features_of(portrait) for row, portrait in own.items()}
    near = _nearest(features)
    others = own | _portraits({other for found in near.values() for other in found} - own.keys())
    words = places(vocabularies.current())
    best: dict[tuple[int, int], Pair] = {}
    for row, portrait in own.items():
        for other in near[row]:
            one, two = merged.get(row, row), merged.get(other, other)
            # A draft that was deleted leaves its features behind.
            if one != two and other in others and (found := compare(portrait, others[other], words)):
                pair = Pair.of(one, two, found)
                if pair[:2] not in best or pair.score > best[pair[:2]].score:
                    best[pair[:2]] = pair
    return _Result(best.values(), features, sorted(answering))


def _nearest(own: Mapping[int, Collection[str]]) -> dict[int, list[int]]:
    """Return, for rows with new features, the rows that share most with each: one pass over all features."""
    wanted = set[str]().union(*own.values())
    kept = StudyFeatures.objects.values_list("study", "features").iterator()
    sizes: dict[int, int] = {}
    lists: dict[str, list[int]] = defaultdict(list)
    for row, names in chain(own.items(), ((row, names) for row, names in kept if row not in own)):
        sizes[row] = len(names)
        for name in wanted.intersection(names):
            lists[name].append(row)
    read = {row: read_of({name: len(lists[name]) for name in names}) for row, names in own.items()}
    return {row: nearest([lists[name] for name in names], sizes, len(sizes)) for row, names in read.items()}


def _portraits(rows: Iterable[int]) -> dict[int, Portrait]:
    vocabulary = vocabularies.current()
    studies = Study.objects.for_matching().in_bulk(sorted(rows))
    return {row: Portrait.of(record_of(study, vocabulary)) for row, study in studies.items()}


def _leads() -> dict[int, int]:
    """Return where each merged study leads at last: one query."""
    into = dict(Study.objects.filter(stage=Stage.MERGED).values_list("pk", "merged_into_id"))
    return {study_id: _end(study_id, into) for study_id in into}


def _end(study_id: int, into: dict[int, int]) -> int:
    while study_id in into:
        study_id = into[study_id]
    return study_id
