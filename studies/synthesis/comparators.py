"""Which comparators are of one kind: the one table by which effects may be averaged. Pure.

An effect against nothing and an effect against another programme answer different questions: what is averaged was
compared with the same kind of thing. The page on methods shows the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studies.records.json_record import gettext_noop as _
from studies.synthesis.evidence import NOT_STATED


@dataclass(frozen=True, slots=True)
class ComparatorKind:
    """Codes of the vocabulary `comparators` that are of one kind. `name` is to be translated; it follows "against"."""

    code: str
    name: str
    comparators: tuple[str, ...]


COMPARATOR_KINDS = (
    ComparatorKind("nothing", _("nada, o lo mismo más tarde"), ("nothing", "wait-list", "not-yet")),
    ComparatorKind("usual", _("lo habitual"), ("usual-services", "usual-sanction")),
    ComparatorKind("little", _("algo mínimo u otro contenido"), ("minimal", "attention")),
    ComparatorKind("part", _("lo mismo sin un componente"), ("same-without",)),
    ComparatorKind("other", _("otra intervención"), ("other-intervention", "other-arms")),
    ComparatorKind("not-exposed", _("quienes no estuvieron expuestos"), ("not-exposed",)),
    ComparatorKind("before", _("la situación anterior"), ("before",)),
)
"""All kinds, in the order in which they are told."""

KIND_BY_CODE: Mapping[str, ComparatorKind] = {kind.code: kind for kind in COMPARATOR_KINDS}

KIND_ORDER = (*KIND_BY_CODE, NOT_STATED)
"""The codes of all kinds, in the order in which they are told; last, that of what names no comparator."""

_KIND_OF_COMPARATOR = {code: kind.code for kind in COMPARATOR_KINDS for code in kind.comparators}


def kind_of(comparator: str | None) -> str:
    """Return the code of a comparator's kind; NOT_STATED for None, and for a code that is not in the table."""
    return _KIND_OF_COMPARATOR.get(comparator or "", NOT_STATED)
