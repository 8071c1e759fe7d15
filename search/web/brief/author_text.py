"""The text that the person who prepares a brief adds to it: cleaned, bounded, marked as hers, and never stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from studies.text.characters import replace_non_xml
from studies.text.numbers import format_number

LONGEST = {"title": 120, "question": 200, "conclusion": 800}
"""The fields with their maximum lengths, in characters: what still fits on the two sheets of a brief."""

# Control characters, and marks that could turn the direction of the bank's own text around them.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class AuthorText:
    """Title, question and conclusion of the person who prepares the brief; empty where she left the bank's text."""

    title: str = ""
    question: str = ""
    conclusion: str = ""

    @classmethod
    def of(cls, data: Mapping[str, str], *, title: str, question: str) -> Self:
        """Read a form. A field that still holds the bank's own `title` or `question` counts as empty."""
        typed = {name: _cleaned(data.get(name, ""), in_lines=name == "conclusion") for name in LONGEST}
        bank = {"title": title, "question": question}
        return cls(**{name: "" if text == bank.get(name) else text for name, text in typed.items()})

    @property
    def names(self) -> tuple[str, ...]:
        """The labels of the fields that she filled, in the order of the page."""
        labels = {"title": _("título"), "question": _("pregunta"), "conclusion": _("conclusión")}
        return tuple(label for name, label in labels.items() if getattr(self, name))

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The conclusion by paragraphs."""
        return tuple(line for line in map(str.strip, self.conclusion.split("\n")) if line)

    def errors(self, language: str) -> dict[str, str]:
        """Return a sentence for each field that is too long, by field."""
        return {
            name: _("Hay %(length)s caracteres y caben %(most)s: acorte el texto.")
            % {"length": format_number(length, language), "most": format_number(most, language)}
            for name, most in LONGEST.items()
            if (length := len(getattr(self, name))) > most
        }


def _cleaned(text: str, *, in_lines: bool) -> str:
    plain = _UNPRINTABLE.sub("", replace_non_xml(text.replace("\r\n", "\n").replace("\r", "\n")))
    return plain.strip() if in_lines else " ".join(plain.split())
