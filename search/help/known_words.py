"""Collects the bank's own words in memory, from published studies, names and labels, for spelling correction.

They are read from the database when first needed, and then only what changed, so engines need not store words as they
are written. A request reads at most READ_AT_ONCE studies: a large bank takes several requests. Words of a study that
was withdrawn may stay, so a caller must check that a word finds something before it offers it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from search.criteria import codes
from search.text.analysis import fold
from search.text.spelling import BankWord, Wordlist, extract_words
from studies.models import Authorship, Finding, Study
from studies.store import bank_state, vocabularies
from studies.store.vocabularies import Vocabularies

READ_AT_ONCE = 400
"""Studies that one call reads: about a quarter of a second on a busy core."""
MOST_WORDS = 60_000
"""Words that are kept; beyond that, those that only one text has are dropped."""

_TEXTS = ("title", "title_es", "title_en", "key_finding_es", "key_finding_en", "summary_es", "summary_en")


class _WordCollection:
    """Words with their spellings and frequencies. `read_to`: change number and key of the last study that was read."""

    def __init__(self, bank_id: str) -> None:
        self.bank_id = bank_id
        self.read_to = (-1, 0)
        self.spellings: dict[str, dict[str, int]] = {}
        self.texts: Counter[str] = Counter()
        self.names: set[str] = set()

    def add(self, texts: Iterable[str], *, are_names: bool = False) -> None:
        """Count each word once for the texts given together."""
        spelled = {word: _fold_cached(word) for text in texts for word in extract_words(text or "")}
        for word, folded in spelled.items():
            spellings = self.spellings.setdefault(folded, {})
            spellings[word] = spellings.get(word, 0) + 1
        self.texts.update(set(spelled.values()))
        if are_names:
            self.names.update(spelled.values())

    def prune(self) -> None:
        if len(self.texts) > MOST_WORDS:
            self.texts = Counter({word: number for word, number in self.texts.items() if number > 1})
            self.spellings = {word: self.spellings[word] for word in self.texts}
            self.names &= self.texts.keys()

    def words(self) -> Iterator[tuple[str, BankWord]]:
        for folded, number in self.texts.items():
            text = max(self.spellings[folded].items(), key=lambda item: (item[1], item[0]))[0]
            yield folded, BankWord(text, number, folded in self.names)


_fold_cached = lru_cache(maxsize=50_000)(fold)

_lock = threading.Lock()
_collection: _WordCollection | None = None
_labels: tuple[Vocabularies, _WordCollection] | None = None
_wordlist = Wordlist({})


def get_wordlist() -> Wordlist:
    """Return the words that are known now: no query while nothing changed, else three a call until all is read.

    While another thread reads, the previous list is returned without waiting.
    """
    global _wordlist
    if _lock.acquire(blocking=False):
        try:
            if _read_next():
                _wordlist = _make_wordlist()
        finally:
            _lock.release()
    held = _collection
    if held is None or held.read_to < (bank_state.current().change_no, _LAST_KEY):
        bank_state.note_provisional("words")
    return _wordlist


def forget() -> None:
    """Drop all words, so that the next call reads the bank again."""
    global _collection, _labels, _wordlist
    with _lock:
        _collection, _labels, _wordlist = None, None, Wordlist({})


def _read_next() -> bool:
    """Read the next studies, and the labels if they changed. Return True if anything is new."""
    global _collection, _labels
    counter, vocabulary = bank_state.current(), vocabularies.current()
    held = _collection
    # In a bank that was restored from a backup, the same change numbers stand for other changes.
    if held is None or held.bank_id != str(counter.bank_id) or held.read_to[0] > counter.change_no:
        held = _collection = _WordCollection(str(counter.bank_id))
    is_new = _labels is None or _labels[0] is not vocabulary
    if is_new:
        _labels = (vocabulary, _WordCollection(held.bank_id))
        for name in codes.iter_names(vocabulary):
            _labels[1].add(name.texts, are_names=True)
    if held.read_to < (counter.change_no, _LAST_KEY):
        is_new |= _read_studies(held, counter.change_no)
    return is_new


def _read_studies(held: _WordCollection, change_no: int) -> bool:
    after = Study.objects.published().changed_after(*held.read_to)
    rows = list(after.order_by("changed_no", "pk").values_list("changed_no", "pk", *_TEXTS)[:READ_AT_ONCE])
    keys = [pk for _, pk, *_ in rows]
    for _, _, *texts in rows:
        held.add(texts)
    for statements in Finding.objects.filter(study__in=keys).values_list("statement_es", "statement_en"):
        held.add(statements)
    for names in Authorship.objects.filter(study__in=keys).values_list("given", "family", "literal"):
        held.add(names, are_names=True)
    held.prune()
    held.read_to = (rows[-1][0], rows[-1][1]) if len(rows) == READ_AT_ONCE else (change_no, _LAST_KEY)
    return bool(rows)


# Above every key: all studies of a change have been read.
_LAST_KEY = 2**63 - 1


def _make_wordlist() -> Wordlist:
    assert _collection is not None
    assert _labels is not None
    words = dict(_labels[1].words())
    for folded, word in _collection.words():
        label = words.get(folded)
        words[folded] = BankWord(word.text, word.texts, word.is_name or label is not None)
    return Wordlist(words)
