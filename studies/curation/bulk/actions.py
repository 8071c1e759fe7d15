"""The actions that a bulk change can apply, as values that are stored as JSON with the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from studies.curation import moves
from studies.curation.stages import CurationError
from studies.models import BulkChange, Study, Vocabulary
from studies.records.term_edits import TermEdit
from studies.store import vocabularies
from studies.store.exchange.study import LISTS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

BULK_MOVES = ("send", "publish")
"""The names in `moves.MOVES` that a bulk change may make."""

TAGGED: Mapping[str, Vocabulary] = {"themes": LISTS["themes"], "interventions": Vocabulary.INTERVENTIONS, **LISTS}
"""The lists of a record to which terms are added, and the vocabulary of each."""
_WHAT: Mapping[str, _StrPromise] = {
    "add": gettext_lazy("Añadir a «%(field)s»: %(codes)s"),
    "remove": gettext_lazy("Quitar de «%(field)s»: %(codes)s"),
    "replace": gettext_lazy("Cambiar en «%(field)s»: %(codes)s por %(into)s"),
}


class BulkRefused(CurationError):
    """The bulk change was applied already, belongs to another person, is too large, or would change nothing."""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What is done with each study: an edit of its terms, or one of BULK_MOVES."""

    tagging: TermEdit | None = None
    move: str = ""

    def to_json(self) -> dict[str, Any]:
        if self.tagging is None:
            return {"move": self.move}
        one = self.tagging
        written = {"kind": one.kind, "field": one.field, "codes": list(one.codes), "into": one.into}
        return written if one.role is None else {**written, "role": one.role}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> BulkAction:
        if "move" in value:
            return cls(move=value["move"])
        return cls(TermEdit(value["kind"], value["field"], tuple(value["codes"]), value["into"], value.get("role")))

    def in_words(self) -> str:
        """Return the action as a sentence, with the labels that the terms have now."""
        if self.tagging is None:
            return str(moves.MOVES[self.move].label)
        known, kind = vocabularies.current(), TAGGED[self.tagging.field]

        def name(code: str, kind: Vocabulary = kind) -> str:
            term = known.find(kind, code)
            return term.es if term else code

        names = {"codes": ", ".join(map(name, self.tagging.codes)), "into": name(self.tagging.into)}
        said = str(_WHAT[self.tagging.kind]) % {"field": kind.label, **names}
        return f"{said} ({name(self.tagging.role, Vocabulary.ROLES)})" if self.tagging.role else said


def lock_studies(bulk: BulkChange) -> None:
    """Lock the studies until the end of the transaction: before the counter, and by id, to avoid deadlocks."""
    keys = list(bulk.items.filter(study__isnull=False).values_list("study_id", flat=True))
    list(Study.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk").values_list("pk"))
