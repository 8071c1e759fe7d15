"""A page of the bank that is no study, as the search knows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studies.text.bilingual import LocalizedText, choose_text

if TYPE_CHECKING:
    from search.query.tree import Code


@dataclass(frozen=True, slots=True)
class Page:
    """A public page: its title in both languages, where it is, and by what it is found.

    `route` is the name of its URL, with `arguments` and the `anchor` of a part of it. `words` are other names that
    it goes by, `codes` what it is about, as parameters of the criteria. A title that `is_sentence` is found by the
    concepts of the thesaurus within it, any other only as a whole.
    """

    kind: str
    title_es: str
    title_en: str
    route: str
    arguments: Mapping[str, str] = field(default_factory=dict, hash=False)
    anchor: str = ""
    words: tuple[str, ...] = ()
    codes: frozenset[Code] = frozenset()
    note_es: str = ""
    note_en: str = ""
    is_sentence: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which it is found, each once."""
        return tuple(dict.fromkeys(name for name in (self.title_es, self.title_en, *self.words) if name))

    def title(self, language: str) -> LocalizedText:
        """Return the title in "es" or "en", or the other one where that is missing."""
        return choose_text(self.title_es, self.title_en, language) or LocalizedText("", language, is_fallback=False)

    def note(self, language: str) -> LocalizedText | None:
        """Return what stands below its title in "es" or "en", None if there is nothing to say."""
        return choose_text(self.note_es, self.note_en, language)
