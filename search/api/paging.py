"""The parameters that lists of the API share: `page_size`, `cursor`, `updated_since`, `fields`. Parses and describes.

A cursor tells after which entry a page begins, in an order in which whatever changes comes later: who follows it to the
end has every entry, in the state that it has when its page is made, and nothing is kept on the server.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter

from search.api.problems import BadParameters, Fault
from studies.records.json_fields import LONGEST_SLUG

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import _StrPromise

MOST_PER_PAGE = 200
DEFAULT_PAGE_SIZE = 20
FIRST = "*"
"""The cursor of the first page."""
NAMES = frozenset({"page_size", "cursor", "updated_since", "fields", "format"})

_LONGEST_CURSOR = LONGEST_SLUG + 40
_CURSOR = re.compile(rf"([0-9]{{1,18}})\.([A-Za-z0-9_-]{{1,{LONGEST_SLUG}}})(?:\.([0-9]{{1,9}}))?")
_WORD = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_SLUG}}}")
MOST_FIELDS = 100


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """The place of a study in the order of last change, and of a finding in it, from 1; 0 is the study itself."""

    change: int
    slug: str
    place: int = 0

    def __str__(self) -> str:
        return f"{self.change}.{self.slug}" + (f".{self.place}" if self.place else "")


_Key = TypeVar("_Key", Position, str)


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of a list that is walked by a cursor. `following` is the cursor of the next one, None on the last."""

    total: int
    keys: Sequence[Any]
    following: str | None


class ParameterReader:
    """Reads the shared parameters of one address and collects their faults; `finish` raises BadParameters for them."""

    def __init__(self, given: QueryDict) -> None:
        self._given = given
        self.faults: list[Fault] = []

    def page_size(self) -> int:
        """Return the number of entries of a page, from 1 to MOST_PER_PAGE."""
        text = self._only("page_size")
        if text is None:
            return DEFAULT_PAGE_SIZE
        if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= MOST_PER_PAGE:
            self._refuse("page_size", _("es un número entero de 1 a %(most)s.") % {"most": MOST_PER_PAGE})
            return DEFAULT_PAGE_SIZE
        return int(text)

    def position(self) -> Position | None:
        """Return after which study, or finding, the page begins; None where no cursor is given or it is the first."""
        text = self._only("cursor")
        if text is None or text == FIRST:
            return None
        read = _CURSOR.fullmatch(text)
        if read is None:
            self._refuse_cursor()
            return None
        return Position(int(read[1]), read[2], int(read[3] or 0))

    def word(self) -> str:
        """Return after which identifier the page begins, "" for the first page."""
        text = self._only("cursor")
        if text is None or text == FIRST:
            return ""
        if not _WORD.fullmatch(text):
            self._refuse_cursor()
            return ""
        return text

    def updated_since(self) -> datetime.datetime | None:
        """Return the time since which entries changed; one without a zone is of UTC."""
        text = self._only("updated_since")
        if text is None:
            return None
        try:
            # A plus sign that nobody escaped arrives as a space.
            read = datetime.datetime.fromisoformat(text.replace(" ", "+"))
            read = read if read.tzinfo else read.replace(tzinfo=datetime.UTC)
        except ValueError:
            self._refuse("updated_since", _("es un día (2026-11-27) o un momento (2026-11-27T15:04:05Z)."))
            return None
        try:
            return read.astimezone(datetime.UTC)
        except OverflowError:  # in the first or the last hours that there are
            return read.replace(tzinfo=datetime.UTC)

    def fields(self, known: Collection[str]) -> tuple[str, ...]:
        """Return the fields of the record that are wanted, in the order of `known`; none means all."""
        names = [name for text in self._given.getlist("fields") if text for name in text.split(",")]
        if len(names) > MOST_FIELDS:
            self._refuse("fields", _("va hasta %(most)s veces.") % {"most": MOST_FIELDS})
        wanted = set(names)
        if unknown := sorted(wanted.difference(known)):
            named = ", ".join(name[:60] for name in unknown[:5])
            self._refuse("fields", _("el registro no tiene: %(names)s.") % {"names": named})
        return tuple(name for name in known if name in wanted)

    def ignored(self, used: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the parameters that mean nothing here."""
        return tuple(name for name in self._given if name not in set(used))

    def finish(self) -> None:
        """Raise BadParameters if any was refused."""
        if self.faults:
            raise BadParameters(self.faults)

    def _only(self, name: str) -> str | None:
        values = self._given.getlist(name)
        if len(values) > 1:
            self._refuse(name, _("va una sola vez."))
        return values[0] if values else None

    def _refuse(self, name: str, detail: str) -> None:
        self.faults.append(Fault(name, detail))

    def _refuse_cursor(self) -> None:
        self._refuse("cursor", _("viene de un enlace «next»; la primera página es *."))


def take_slice(keys: Sequence[_Key], after: _Key | None, size: int) -> Slice:
    """Return the keys, which are sorted, that come after `after`, at most `size` of them."""
    left = [key for key in keys if after is None or key > after]
    shown = left[:size]
    return Slice(len(keys), shown, str(shown[-1]) if len(left) > size else None)


_MEANINGS: dict[str, tuple[_StrPromise, dict[str, Any]]] = {
    "page_size": (
        gettext_lazy("Entradas por página."),
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
    ),
    "cursor": (
        gettext_lazy("Para recorrer la lista entera: * en la primera página; después, el de «next»."),
        {"type": "string", "maxLength": _LONGEST_CURSOR, "pattern": rf"^(\*|{_CURSOR.pattern})$"},
    ),
    "updated_since": (
        gettext_lazy("Solo lo que cambió desde ese día o momento (ISO 8601; sin zona, en UTC)."),
        {"type": "string", "maxLength": 40, "anyOf": [{"format": "date"}, {"format": "date-time"}]},
    ),
    "format": (gettext_lazy("json, o csv para una tabla."), {"type": "string", "enum": ["json", "csv"]}),
}


def describe_paging(*names: str, is_by_word: bool = False) -> list[OpenApiParameter]:
    """Return the descriptions of some of the shared parameters, but for `fields`, for the OpenAPI document.

    `is_by_word`: the cursor is an identifier.
    """
    schemas = {name: _MEANINGS[name][1] for name in names}
    if is_by_word:
        schemas["cursor"] = {**schemas["cursor"], "pattern": rf"^(\*|{_WORD.pattern})$"}
    return [OpenApiParameter(name, schema, description=_MEANINGS[name][0]) for name, schema in schemas.items()]


def describe_fields(known: Collection[str]) -> OpenApiParameter:
    """Return the description of `fields` for a record with these fields."""
    return OpenApiParameter(
        "fields",
        {"type": "array", "maxItems": MOST_FIELDS, "items": {"type": "string", "enum": list(known)}},
        description=gettext_lazy("Campos del registro que interesan, separados por comas. Sin él: todos."),
        style="form",
        explode=False,
    )
