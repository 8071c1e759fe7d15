"""Queries that nobody would think of: all alphabets, operators, lengths and nestings, among words of the bank.

What `fuzz_queries` and `flat_memory` ask. The same seed and words give the same queries.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from search.contract import SORTS
from search.criteria.criteria import Criteria

_ALPHABETS = (
    "abcdefghijklmnñopqrstuvwxyzáéíóúüç",
    "ABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚ",
    "0123456789",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "अआइईउऊकखगघचछजझटठडढणतथदधनपफबभमयरलवशसह\u093e\u093f\u0940\u0941\u094d",
    "กขคงจฉชซญดตถทธนบปผฝพฟมยรลวศษสหอ\u0e34\u0e35\u0e38\u0e48\u0e49",
    "暴力女性家庭研究国家教育健康社会预防",
    "여성폭력가정예방연구교육건강",
    "ぼうりょくじょせいカナカタ",
    "ßæœøłđðþĳŉſﬁﬂ①½Ⅷ㎏ａＢ９ıİǅ",
    "😀👩\u200d👩\u200d👧🏽🇵🇪\u20e3\ufe0f",
    "\u0300\u0301\u0308\u0327\u0489\u1ab0\u20dd",
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\u2028\u2029\u00a0\u3000",
    "\x00\x01\x07\t\n\x0b\x1b\x7f\x85\x9f",
    "\ufffd\ufffe\uffff\U000e0001\U0010ffff𝔸𝓫𐍈",
)
_SIGNS = "\"“”„‟«»＂()[]{}<>*?:;,.-–—−_+~^&|!¡¿/\\'’`´%#@$=°·…"
_OPERATORS = ("O", "OR", "Y", "AND", "NO", "NOT", "-", "o", "y", "no")
_FIELDS = (
    "título:",
    "title:",
    "autor:",
    "author:",
    "país:",
    "country:",
    "programa:",
    "programme:",
    "año:",
    "year:",
    "doi:",
)
_VALUES = (
    "PE",
    "perú",
    "XX",
    "sasa",
    "2015-2020",
    "2015-",
    "-2020",
    "1",
    "99999",
    "10.1186/s12889-016-3018-9",
    "*",
    '"',
)
_ADDRESSES = ("https://doi.org/10.1186/s12889-016-3018-9", "www.gob.pe/mimp", "10.1234/x(y)z", "doi:10.1/", "http://")
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class BankWords:
    """What random queries are mixed with: words of studies, phrases that lead to concepts or codes, codes."""

    words: Sequence[str]
    phrases: Sequence[str]
    codes: Mapping[str, Sequence[str]]


class RandomQueries:
    """Yields criteria without end."""

    def __init__(self, bank: BankWords, seed: int) -> None:
        self._bank = bank
        self._rng = random.Random(seed)

    def __iter__(self) -> Iterator[Criteria]:
        makers = (self._mixed, self._words, self._heavy, self._nested, self._letters, self._words)
        while True:
            yield self._criteria(self._rng.choice(makers)())

    def _criteria(self, q: str) -> Criteria:
        """Put other criteria beside one query in four: filters, sorts, pages, known and not."""
        rng = self._rng
        if rng.random() > 0.25:
            return Criteria(q=q)
        parameters = rng.sample(sorted(self._bank.codes), rng.randint(0, 3))
        chosen = {name: (rng.choice([*self._bank.codes[name], "xyz"]),) for name in parameters}
        return Criteria(
            q=q,
            chosen=chosen,
            year_from=rng.choice((None, None, 0, 2010, 9999)),
            sort=rng.choice(("", "", *SORTS)),
            page=rng.choice((1, 1, 2, 10_000)),
            page_size=rng.choice((20, 50)),
            exact=rng.random() < 0.2,
            without=(rng.choice(("", "violence", "\x00")),) if rng.random() < 0.2 else (),
        )

    def _mixed(self) -> str:
        """Return pieces of all kinds in any order."""
        pieces: Sequence[Callable[[], str]] = (
            self._word,
            self._phrase,
            self._prefix,
            self._strange,
            lambda: self._rng.choice(_OPERATORS),
            lambda: self._rng.choice(_FIELDS) + self._rng.choice((*_VALUES, self._word())),
            lambda: self._rng.choice(_ADDRESSES),
            lambda: self._rng.choice(_SIGNS),
            lambda: f'"{self._phrase()}"',
            lambda: "-" + self._word(),
        )
        length = self._rng.choice((1, 2, 3, 5, 8, 13, 40))
        joined = "".join(self._rng.choice(pieces)() + self._rng.choice((" ", " ", " ", "")) for _ in range(length))
        return joined[:_LONGEST]

    def _words(self) -> str:
        """What people type: one to six words or phrases of the bank."""
        return " ".join(self._rng.choice((self._word, self._word, self._phrase))() for _ in range(self._length(6)))

    def _heavy(self) -> str:
        """As much as is read: beginnings of three letters, phrases of the thesaurus, alternatives, up to the bound."""
        pieces = self._rng.choice(((self._prefix,), (self._phrase,), (self._prefix, self._phrase, self._word)))
        joint = self._rng.choice((" ", " O ", " -", ' "'))
        return joint.join(self._rng.choice(pieces)() for _ in range(self._rng.choice((8, 32, 60))))

    def _nested(self) -> str:
        depth = self._length(14)
        inner = self._mixed()
        for _ in range(depth):
            inner = f"{self._rng.choice(('', '-', 'NO ', 'título:', self._word() + ' O '))}({inner}"
        return (inner + ")" * self._length(14))[:_LONGEST]

    def _letters(self) -> str:
        return self._strange(self._rng.choice((1, 20, 300, 301, _LONGEST)))

    def _word(self) -> str:
        word = self._rng.choice(self._bank.words)
        # One in eight with a slip of the fingers, so that near words are looked for.
        at = self._rng.randrange(len(word))
        return word[:at] + self._rng.choice("aeiounrs") + word[at + 1 :] if self._rng.random() < 1 / 8 else word

    def _phrase(self) -> str:
        return self._rng.choice(self._bank.phrases)

    def _prefix(self) -> str:
        return self._rng.choice(self._bank.words)[: self._rng.choice((1, 2, 3, 3, 3, 4, 5))] + "*"

    def _strange(self, length: int = 6) -> str:
        alphabet = self._rng.choice((*_ALPHABETS, _SIGNS, "".join(_ALPHABETS)))
        return "".join(self._rng.choices(alphabet, k=self._length(length)))

    def _length(self, most: int) -> int:
        return self._rng.randint(1, most)


def read_bank_words() -> BankWords:
    """Read words, phrases and codes from the bank in use: one query, and the vocabularies."""
    from search.criteria import codes as criteria_codes
    from search.criteria.facets import PARAMETERS
    from search.text.spelling import extract_words
    from studies.models import Study
    from studies.store import vocabularies

    vocabulary = vocabularies.current()
    texts = Study.objects.published().order_by("slug").values_list("title_es", "title_en", "summary_es", "summary_en")
    words = {word for row in texts[:2000] for text in row for word in extract_words(text)}
    concepts = criteria_codes.iter_concepts(vocabulary)
    phrases = {text for concept in concepts for text in (*concept.es, *concept.en, *concept.typed)}
    phrases.update(text for name in criteria_codes.iter_names(vocabulary) for text in name.texts)
    return BankWords(
        sorted(words),
        sorted(phrases),
        {name: sorted(parameter.codes(vocabulary)) for name, parameter in PARAMETERS.items()},
    )
