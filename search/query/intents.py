"""What a question asks for beside its topic: costs, frequency, what works, reasons. Pure; only `parser` calls this.

It never decides what is found: studies with the codes of an intent rank a little higher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.query.tree import Code
from search.text.analysis import fold, iterate_words


@dataclass(frozen=True, slots=True)
class Intent:
    """Beginnings of questions, as folded words, and the codes of the studies that answer such a question."""

    phrases: tuple[tuple[str, ...], ...]
    codes: frozenset[Code]


def find_intents(source: str) -> Iterator[Intent]:
    """Yield the intents that have a phrase in a query."""
    words = [fold(source[start:end]) for start, end, _ in iterate_words(source)]
    for intent in INTENTS:
        if any(_contains(words, phrase) for phrase in intent.phrases):
            yield intent


def is_question(source: str) -> bool:
    """Return True if a query is a question: it has the mark of one, or begins as one."""
    first = next((fold(source[start:end]) for start, end, _ in iterate_words(source)), "")
    return "?" in source or first in _ASKING


def _contains(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words) - len(phrase) + 1))


_SPANISH_ASKING = "que como cual cuales cuando cuanto cuanta cuantos cuantas donde quien quienes"
_ASKING = frozenset(f"{_SPANISH_ASKING} what how why which who where when do does can is are".split())


def _phrases(*texts: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(text.split()) for text in texts)


_FREQUENCY = _phrases(
    *("cuantas", "cuantos", "que porcentaje", "que proporcion", "que tan frecuente", "que tan comun"),
    *("how many", "what percentage", "what proportion", "what share", "how common", "how frequent"),
)

INTENTS = (
    Intent(
        _phrases(
            "cuanto cuesta", "cuanto cuestan", "cuanto le cuesta", "how much does", "how much do", "what does it cost"
        ),
        frozenset({("outcome", "cost-effectiveness"), ("design", "economic-evaluation")}),
    ),
    Intent(_FREQUENCY, frozenset({("outcome", "prevalence"), ("design", "cross-sectional"), ("design", "trend")})),
    # A count tests nothing: such a study has no intervention.
    Intent(_FREQUENCY, frozenset({("role", "none")})),
    Intent(
        _phrases(
            *("que dano", "que danos", "como afecta", "como dana", "que consecuencias", "que secuelas", "what harm"),
            *("how does violence affect", "what are the consequences", "what damage", "que le pasa", "que les pasa"),
        ),
        frozenset({("exposure", "partner-violence"), ("exposure", "childhood-violence")}),
    ),
    Intent(
        _phrases(
            *("que funciona", "que sirve", "que programas", "que intervenciones", "que hacer", "como lograr"),
            *("como prevenir", "como reducir", "como evitar", "what works", "which programmes", "which programs"),
            *("which interventions", "what interventions", "how to prevent", "how to reduce", "how can we"),
        ),
        frozenset({("role", "evaluated"), ("role", "reviewed")}),
    ),
    Intent(
        _phrases(
            *("que funciona", "que sirve", "what works", "que se sabe", "what is known", "que dice la evidencia"),
            *("what does the evidence say", "que evidencia hay"),
        ),
        frozenset({("design_family", "synthesis")}),
    ),
    Intent(
        _phrases(
            *(
                "sirve",
                "sirven",
                "funciona",
                "funcionan",
                "reduce",
                "reducen",
                "aumenta",
                "aumentan",
                "es mejor",
                "ayuda a",
            ),
            *(
                "ayudan a",
                "logra",
                "previene",
                "evita",
                "does",
                "do",
                "can",
                "is it",
                "can we",
                "effectiveness",
                "efectividad",
            ),
        ),
        frozenset({("role", "evaluated"), ("role", "reviewed")}),
    ),
    Intent(
        _phrases("por que", "why", "what makes", "que hace que"),
        frozenset(
            {
                ("design_family", "qualitative-policy"),
                ("design_family", "observational"),
                ("design_family", "mixed-process"),
            }
        ),
    ),
)
"""The order does not matter: a question may have several."""
