"""Detects the language of a text by its frequent words: Spanish, English or Portuguese."""

from __future__ import annotations

import re

_WORDS = {
    "es": "el la los las de del y en un una con por para que su sus se al como es entre sobre desde hacia "
    "mujer mujeres violencia estudio ensayo género niñas según efecto efectos evaluación contra sin más año años "
    "una ante tras este esta ser son",
    "en": "the of and in to a an on for with by from as at is are among between their against women woman violence "
    "study trial gender girls effect effects evaluation evidence impact into who how what does within this that "
    "its or",
    "pt": "o os a as de do da dos das e em no na nos nas um uma com por para que se ao aos à às como entre sobre "
    "mulher mulheres violência estudo ensaio gênero meninas segundo efeito efeitos avaliação contra sem mais ano anos "
    "não são pelo pela este esta",
}
_LEXICON = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_OWN_SIGNS = {"es": re.compile("[ñ¿¡]|ción\\b|ciones\\b"), "pt": re.compile("[ãõç]|ção\\b|ções\\b|lh|nh")}
_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 2


def detect_language(*texts: str) -> str | None:
    """Return the code of the language of these texts; None for too few words, or where two languages tie."""
    words = [word for text in texts for word in _WORD.findall(text.lower())][:2_000]
    # A word of two languages ("a", "de", "no") counts for both, and so for neither.
    scores = {language: float(sum(word in known for word in words)) for language, known in _LEXICON.items()}
    for language, signs in _OWN_SIGNS.items():
        scores[language] += sum(bool(signs.search(word)) for word in words)
    ranked = sorted(scores, key=lambda language: -scores[language])
    best, second = ranked[:2]
    return best if scores[best] >= _LEAST and scores[best] > scores[second] else None
