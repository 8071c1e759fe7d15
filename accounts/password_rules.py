"""What a new password has to be. No service on the web is asked: the lists are in zxcvbn and in `common_words.txt`.

Length is Django's own validator's matter.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from accounts import limits
from accounts.models import RequiredPasswordChange

if TYPE_CHECKING:
    from django.contrib.auth.models import User

HOUSE_WORDS = frozenset(
    {
        "administracion",
        "administrador",
        "administradora",
        "aurora",
        "banco",
        "bancodeevidencias",
        "curadora",
        "curaduria",
        "equipo",
        "estado",
        "estudio",
        "estudios",
        "evidencia",
        "evidencias",
        "genero",
        "gobierno",
        "mimdes",
        "mimp",
        "ministerio",
        "ministra",
        "ministro",
        "mujer",
        "mujeres",
        "observatorio",
        "poblaciones",
        "programa",
        "programas",
        "publica",
        "publico",
        "revision",
        "revisora",
        "violencia",
        "violencias",
        "vulnerables",
    }
)
"""Words that stand on every page of the bank: in a password they count for nothing."""
LEAST_SCORE = 3
"""Of 4: the guesses that it takes are at least a hundred million."""
JUDGED_LETTERS = 72
"""zxcvbn takes more than a second for some hundred letters. Whatever comes after these can only make it harder."""
_COMMON_WORDS = [
    word
    for line in Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
]
_YEAR = re.compile(r"(?:19|20)\d\d")
# As people write letters by digits: of equal length, so that places stay the same.
_DIGITS = str.maketrans("013457@$!", "oieastasi")
_SHORTEST_NAME = 4


class HardToGuessValidator:
    """Refuses what people try first: words and names with a year, leaked passwords, rows of keys, repetitions."""

    def validate(self, password: str, user: User | None = None) -> None:
        if _score(password, _words_about(user)) < LEAST_SCORE:
            raise ValidationError(
                _(
                    "Es fácil adivinar esta contraseña. Use cuatro o más palabras que no tengan que ver entre sí, "
                    "ni con el banco, ni con usted, o una que haga al azar un gestor de contraseñas."
                ),
                code="easy-to-guess",
            )

    def get_help_text(self) -> str:
        return _(
            "Sirven cuatro o más palabras que no tengan que ver entre sí. No cuentan las palabras del banco y del "
            "ministerio, su nombre ni los años."
        )

    def password_changed(self, password: str, user: User) -> None:
        """Django calls this whenever a new password was saved, by whatever page or command."""
        RequiredPasswordChange.objects.filter(user=user).delete()
        limits.unlock(user.get_username())


def _score(password: str, about: frozenset[str]) -> int:
    """Return how hard `password` is to guess, from 0 to 4, without the words of the house and of the person."""
    rest = _without(_plain(password[:JUDGED_LETTERS]), HOUSE_WORDS | about)
    return int(zxcvbn(rest, user_inputs=[*about, *HOUSE_WORDS, *_COMMON_WORDS])["score"]) if rest else 0


def _without(password: str, words: frozenset[str]) -> str:
    """Return `password` without `words` and years, also where letters are written by digits ("v1olenci4")."""
    # The longest first: "bancodeevidencias" before "banco".
    pattern = re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
    taken: set[int] = set()
    for text, sought in ((password, pattern), (password.translate(_DIGITS), pattern), (password, _YEAR)):
        for found in sought.finditer(text):
            taken.update(range(*found.span()))
    return "".join(letter for place, letter in enumerate(password) if place not in taken)


def _words_about(user: Any) -> frozenset[str]:
    """Return the words of the person's names and e-mail address."""
    said = [getattr(user, field, "") or "" for field in ("username", "first_name", "last_name", "email")]
    words = re.findall(r"\w+", _plain(" ".join(said)))
    return frozenset(word for word in words if len(word) >= _SHORTEST_NAME)


def _plain(text: str) -> str:
    """Return `text` in small letters without accents, of the same length but for letters of other scripts."""
    parted = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in parted if not unicodedata.combining(letter))
