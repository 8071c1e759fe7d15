"""Which studies of the bank may be one, and what people said about it: two after all, or of one evaluation.

The matching itself is in `matching`, merging in `merging`. Importers ask `new_matcher`, the workplace `open_pairs`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies import bank, evaluations, vocabularies
from studies.curation import CurationError
from studies.exchange.study import author_record
from studies.matching import Kind, Known, Matcher, Pair, Portrait, compare, place_words
from studies.models import Evaluation, NotDuplicate, Stage, Study
from studies.records import StudyRecord

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

    from studies.vocabularies import Vocabularies


class DuplicatesError(CurationError):
    """Root of what is refused here."""


class AlreadyDecided(DuplicatesError):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__(_("Alguien lo decidió mientras usted miraba esta página."))


def new_matcher() -> Matcher:
    """Return a matcher of its own that knows every study of the bank, whatever its stage: four queries.

    A study that was merged is known under the number of the one that it leads to. Some 0.4 ms for each study.
    """
    vocabulary = vocabularies.current()
    merged = _leads()
    rows = Study.objects.for_matching().order_by("pk").iterator(chunk_size=2_000)
    return Matcher(_known(rows, merged, vocabulary), _places(vocabulary))


def open_pairs() -> list[Pair]:
    """Return every two studies that may be one and of which nobody said otherwise, the likeliest first.

    Left out are pairs that were said to be two, and versions of one work that already share their evaluation. Kept by
    change number: the first question of a process reads the whole bank, each later one only what has changed.
    """
    found = _kept.pairs()
    if not found:
        return []
    decided = set(NotDuplicate.objects.filter(taken_back_at=None).values_list("first_id", "second_id"))
    together = _pairs_of_one_trial()
    # A draft that was deleted leaves no change behind.
    ids = {study_id for pair in found for study_id in pair[:2]}
    there = set(Study.objects.filter(pk__in=ids).values_list("pk", flat=True)) if found else set()
    left = [
        pair
        for pair in found
        if pair[:2] not in decided
        and not (pair.kind == Kind.SAME_WORK and pair[:2] in together)
        and {pair.first, pair.second} <= there
    ]
    return sorted(left, key=lambda pair: (-pair.score, pair.first, pair.second))


def are_kept() -> bool:
    """Say whether this process has read the bank already, so that `open_pairs` reads only what has changed."""
    return _kept.has_read


def forget() -> None:
    """Read the whole bank anew at the next question: for tests, whose change numbers come again."""
    _kept.forget()


def pair_of(study: Study, other: Study) -> Pair | None:
    """Say what two studies may be to one another, whatever was decided; None where they do not look like one."""
    first, second = sorted((study, other), key=lambda row: row.pk)
    vocabulary = vocabularies.current()
    rows = Study.objects.for_matching().filter(pk__in=(first.pk, second.pk))
    portraits = {known.study_id: Portrait.of(known.record) for known in _known(rows, {}, vocabulary)}
    found = compare(portraits[first.pk], portraits[second.pk], _places(vocabulary))
    return Pair(first.pk, second.pk, found.kind, found.score, found.reasons) if found else None


def decision_on(study: Study, other: Study) -> NotDuplicate | None:
    """Return the word that two studies are two, if it holds."""
    first, second = sorted((study.pk, other.pk))
    held = NotDuplicate.objects.filter(first=first, second=second, taken_back_at=None)
    return held.select_related("by").first()


def say_not_duplicate(study: Study, other: Study, *, by: User, note: str = "") -> NotDuplicate:
    """Remember that two studies are two. Raises DuplicatesError; saying it twice changes nothing."""
    _check_permission(by)
    if study.pk == other.pk or Stage.MERGED in (study.stage, other.stage):
        raise DuplicatesError(_("Solo se decide sobre dos estudios que no estén unidos."))
    first, second = sorted((study.pk, other.pk))
    word, _is_new = NotDuplicate.objects.get_or_create(
        first_id=first, second_id=second, taken_back_at=None, defaults={"by": by, "note": note}
    )
    return word


def say_same_evaluation(study: Study, other: Study, evaluation: Evaluation, *, by: User, note: str = "") -> None:
    """Put two studies under one evaluation, and remember that they are two. Raises CurationError."""
    with transaction.atomic():
        evaluations.join(study, other, evaluation, by=by, note=note)
        told = _("Son de una evaluación: %s.") % evaluation.name_es
        say_not_duplicate(study, other, by=by, note=f"{told} {note}".strip())


def take_back(word: NotDuplicate, *, by: User) -> None:
    """Let a pair be a candidate again. The row stays, with who took it back. Raises AlreadyDecided."""
    _check_permission(by)
    held = NotDuplicate.objects.filter(pk=word.pk, taken_back_at=None)
    if not held.update(taken_back_by=by, taken_back_at=timezone.now()):
        raise AlreadyDecided


class _Kept:
    """The pairs of the bank and the matcher that found them, in the memory of this process, by change number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._matcher: Matcher | None = None
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._bank_id: UUID | None = None
        self._change_no = -1

    @property
    def has_read(self) -> bool:
        return self._matcher is not None

    def pairs(self) -> list[Pair]:
        """Return all pairs of the bank as it is."""
        with self._lock:
            now = bank.current()
            if now.bank_id != self._bank_id or now.change_no < self._change_no:
                self.forget()
            if self._matcher is None:
                self._matcher = new_matcher()
                self._pairs = {pair[:2]: pair for pair in self._matcher.pairs()}
            elif now.change_no > self._change_no:
                self._follow(self._matcher, self._change_no)
            self._bank_id, self._change_no = now.bank_id, now.change_no
            return list(self._pairs.values())

    def _follow(self, matcher: Matcher, change_no: int) -> None:
        """Read again what has changed since, and the studies to which merged ones lead."""
        changed = set(Study.objects.changed_since(change_no).values_list("pk", flat=True))
        merged = _leads()
        answering = changed | {merged.get(study_id, study_id) for study_id in changed}
        rows = [study_id for study_id, target in merged.items() if target in answering]
        vocabulary = vocabularies.current()
        for study_id in answering:
            matcher.discard(study_id)
        for study_id, record in _known(
            Study.objects.for_matching().filter(pk__in={*answering, *rows}).order_by("pk"), merged, vocabulary
        ):
            matcher.add(study_id, record)
        self._pairs = {ids: pair for ids, pair in self._pairs.items() if answering.isdisjoint(ids)}
        for study_id in answering:
            self._pairs |= {pair[:2]: pair for pair in matcher.pairs_with(study_id)}


_kept = _Kept()


def _known(rows: Iterable[Study], merged: dict[int, int], vocabulary: Vocabularies) -> Iterator[Known]:
    for row in rows:
        record = StudyRecord(
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
        yield Known(merged.get(row.pk, row.pk), record)


def _leads() -> dict[int, int]:
    """Return where each merged study leads at last: one query."""
    into = dict(Study.objects.filter(stage=Stage.MERGED).values_list("pk", "merged_into_id"))
    return {study_id: _end(study_id, into) for study_id in into}


def _end(study_id: int, into: dict[int, int]) -> int:
    while study_id in into:
        study_id = into[study_id]
    return study_id


def _pairs_of_one_trial() -> set[tuple[int, int]]:
    members: dict[int, list[int]] = {}
    trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL)
    for evaluation, study in trials.order_by("pk").values_list("pk", "studies"):
        members.setdefault(evaluation, []).append(study)
    return {(a, b) for studies in members.values() for a in studies for b in studies if a and b and a < b}


def _places(vocabulary: Vocabularies) -> frozenset[str]:
    return place_words(name for term in vocabulary.terms("countries") for name in (term.es, term.en))


def _check_permission(by: User) -> None:
    if not by.has_perm("studies.change_study"):
        raise DuplicatesError(_("Su cuenta no tiene permiso para decidir sobre duplicados."))
