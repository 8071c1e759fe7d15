"""Finds the pairs of the bank that may be one study, and keeps them: the whole bank once, then what changed.

A page asks `bring_up`, which does at once what takes a moment and leaves the rest to `manage.py find_duplicates`, in a
process of its own; commands ask `find`. What is made of the pairs is in `duplicates`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess  # nosec B404
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from studies.duplicates.matching import matcher as matching_matcher
from studies.duplicates.matching.comparing import compare
from studies.duplicates.matching.matcher import Known, Matcher, Pair, features_of
from studies.duplicates.matching.portrait import Portrait
from studies.duplicates.matching.titles import place_words
from studies.duplicates.pairs_file import Entry, PairsFile, State, opened, remove
from studies.models import Stage, Study
from studies.records.study import StudyRecord
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import author_record

if TYPE_CHECKING:
    from studies.store.vocabularies import Vocabularies

QUICKLY_READ = 1_000
"""A bank of so many studies is read as a whole while somebody waits: some two seconds."""
FEW = 40
"""Changed studies that are compared while somebody waits: some 15 ms each in a bank of 20,000."""
_TOLD_EVERY = 250
_BATCH = 500


class Under(NamedTuple):
    """A search that is under way: how many records it has compared, and of how many. 0 of 0 when it just began."""

    done: int
    total: int


class Found(NamedTuple):
    """The pairs that are known, and the search that will know more, if any. `is_first`: nothing is known yet."""

    pairs: list[Pair]
    under_way: Under | None = None
    is_first: bool = False


def find(tell: Callable[[int, int], object] = lambda done, total: None) -> list[Pair]:
    """Return the pairs of the bank as it is, however long that takes. `tell` hears how far a whole search is."""
    with bank_state.remembering(), opened(_path()) as kept:
        _follow(kept, tell)
        return kept.pairs()


def bring_up() -> Found:
    """Return the pairs at once; what takes long is left to another process, and told."""
    with bank_state.remembering(), opened(_path()) as kept:
        change_no = _followed(kept)
        if change_no is None:
            takes_long = Study.objects.count() > QUICKLY_READ
        else:
            takes_long = Study.objects.changed_since(change_no).count() > FEW if _is_behind(change_no) else False
        if takes_long:
            _seek_beside()
            return Found(kept.pairs() if change_no is not None else [], Under(*kept.progress()), change_no is None)
        _follow(kept)
        return Found(kept.pairs())


def forget() -> None:
    """Read the whole bank anew at the next question: for tests, whose change numbers come again."""
    remove(_path())


def new_matcher(see: Callable[[int], object] = lambda key: None) -> Matcher:
    """Return a matcher of its own that knows every study of the bank, whatever its stage: four queries.

    A study that was merged is known under the number of the one that it leads to. Some 0.4 ms for each study.
    `see` is told the key of each row, in the order of the matcher's entries.
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


def _path() -> Path:
    return settings.VAR_DIR / "duplicates" / "pairs.sqlite3"


def _followed(kept: PairsFile) -> int | None:
    """Return the change up to which the file follows this bank; None where the whole bank is to be read."""
    now, state = bank_state.current(), kept.state()
    if state is None or state[:2] != _made_of() or state.change_no > now.change_no:
        return None
    return state.change_no


def _is_behind(change_no: int) -> bool:
    return change_no < bank_state.current().change_no


def _made_of() -> tuple[str, str]:
    words = "\n".join(sorted(places(vocabularies.current())))
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    return str(bank_state.current().bank_id), f"{matching_matcher.VERSION}:{digest}"


def _follow(kept: PairsFile, tell: Callable[[int, int], object] = lambda done, total: None) -> None:
    # Before any row is read: who commits meanwhile is read again at the next question.
    now = State(*_made_of(), bank_state.current().change_no)
    change_no = _followed(kept)
    if change_no is None:
        _read_all(kept, now, tell)
    elif change_no < now.change_no:
        with kept.change():
            # Another process may have been faster.
            reached = _followed(kept)
            if reached is not None and reached < now.change_no:
                _read_changed(kept, reached)
                kept.set_state(now)


def _read_all(kept: PairsFile, now: State, tell: Callable[[int, int], object]) -> None:
    kept.tell_progress(0, Study.objects.count())
    rows: list[int] = []
    matcher = new_matcher(rows.append)

    def tell_some(done: int) -> None:
        if done % _TOLD_EVERY == 0:
            kept.tell_progress(done, len(rows))
            tell(done, len(rows))

    pairs = list(matcher.pairs(tell_some))
    with kept.change():
        kept.empty()
        kept.add(Entry(row, study, features) for row, (study, features) in zip(rows, matcher.entries(), strict=True))
        kept.put(pairs)
        kept.set_state(now)


def _read_changed(kept: PairsFile, change_no: int) -> None:
    """Compare again what has changed since, and the studies to which merged ones lead."""
    changed = set(Study.objects.changed_since(change_no).values_list("pk", flat=True))
    merged = _leads()
    answering = sorted(changed | {merged.get(study_id, study_id) for study_id in changed})
    kept.discard(answering)
    behind: dict[int, list[int]] = {}
    for row, target in merged.items():
        behind.setdefault(target, []).append(row)
    for start in range(0, len(answering), _BATCH):
        part = answering[start : start + _BATCH]
        ids = {row for study_id in part for row in (study_id, *behind.get(study_id, ()))}
        own = _portraits(ids)
        kept.add(Entry(row, merged.get(row, row), features_of(portrait)) for row, portrait in own.items())
    for start in range(0, len(answering), _BATCH):
        part = answering[start : start + _BATCH]
        ids = {row for study_id in part if study_id not in merged for row in (study_id, *behind.get(study_id, ()))}
        kept.put(_pairs_of(kept, _portraits(ids), merged))


def _pairs_of(kept: PairsFile, own: dict[int, Portrait], merged: dict[int, int]) -> Iterator[Pair]:
    near = {row: kept.nearest(features_of(portrait)) for row, portrait in own.items()}
    others = own | _portraits({other for found in near.values() for other in found} - own.keys())
    words = places(vocabularies.current())
    for row, portrait in own.items():
        study = merged.get(row, row)
        for other, other_study in near[row].items():
            # A draft that was deleted leaves its entry behind.
            if other_study != study and other in others and (found := compare(portrait, others[other], words)):
                yield Pair.of(study, other_study, found)


def _portraits(rows: Iterable[int]) -> dict[int, Portrait]:
    vocabulary = vocabularies.current()
    studies = Study.objects.for_matching().filter(pk__in=list(rows)).order_by("pk")
    return {row.pk: Portrait.of(record_of(row, vocabulary)) for row in studies}


def _leads() -> dict[int, int]:
    """Return where each merged study leads at last: one query."""
    into = dict(Study.objects.filter(stage=Stage.MERGED).values_list("pk", "merged_into_id"))
    return {study_id: _end(study_id, into) for study_id in into}


def _end(study_id: int, into: dict[int, int]) -> int:
    while study_id in into:
        study_id = into[study_id]
    return study_id


def _seek_beside() -> None:
    """Run `find_duplicates` in another process, unless one runs on this host; nobody waits for it."""
    lock = os.open(_path().with_name("seeking.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        # The lock goes over to the new process, and is free when that one ends, in whatever way.
        subprocess.Popen(  # nosec B603
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "find_duplicates"],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[lock],
            start_new_session=True,
        )
    finally:
        os.close(lock)
