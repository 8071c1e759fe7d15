"""What can be done with many studies at once, as a value that is kept with what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from studies.curation import moves
from studies.curation.stages import CurationError
from studies.models import BulkChange, Study
from studies.records.term_edits import Tagging
from studies.store import vocabularies
from studies.store.exchange.study import LISTS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MOVES = ("send", "publish")
"""The moves of `moves.MOVES` that many studies can make at once."""

_WHAT: Mapping[str, _StrPromise] = {
    "add": gettext_lazy("Añadir a «%(field)s»: %(codes)s"),
    "remove": gettext_lazy("Quitar de «%(field)s»: %(codes)s"),
    "replace": gettext_lazy("Cambiar en «%(field)s»: %(codes)s por %(into)s"),
}


class BulkRefused(CurationError):
    """The change was made already, is another person's, is too large, or would do nothing."""


@dataclass(frozen=True, slots=True)
class Action:
    """What is done with each study: a change of terms, or one of MOVES."""

    tagging: Tagging | None = None
    move: str = ""

    def to_json(self) -> dict[str, Any]:
        if self.tagging is None:
            return {"move": self.move}
        one = self.tagging
        return {"kind": one.kind, "field": one.field, "codes": list(one.codes), "into": one.into}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Action:
        if "move" in value:
            return cls(move=value["move"])
        return cls(Tagging(value["kind"], value["field"], tuple(value["codes"]), value["into"]))

    def in_words(self) -> str:
        """Say what is done, with the names that terms have now."""
        if self.tagging is None:
            return str(moves.MOVES[self.move].label)
        known, kind = vocabularies.current(), LISTS[self.tagging.field]

        def name(code: str) -> str:
            term = known.find(kind, code)
            return term.es if term else code

        names = {"codes": ", ".join(map(name, self.tagging.codes)), "into": name(self.tagging.into)}
        return str(_WHAT[self.tagging.kind]) % {"field": kind.label, **names}


def lock(bulk: BulkChange) -> None:
    """Lock the studies until the end of the transaction: rows before the counter, in the order of their keys."""
    keys = list(bulk.items.filter(study__isnull=False).values_list("study_id", flat=True))
    list(Study.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk").values_list("pk"))
