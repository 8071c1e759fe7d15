"""Freezes a selection to a dated list that never changes, and reads it back.

A list is a file, its manifest: slugs, the fingerprints of their records, notes, title, day, version of the bank. Its
SHA-256 is the checksum, and the beginning of that is part of the address: the address vouches for the content, and
freezing the same twice on one day gives one list.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from search.lists.selection import Pick
from search.models import FrozenList
from studies.curation.history import HistoryEvent, read_public_histories
from studies.models import Study
from studies.records.study import fingerprint
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record
from studies.text.characters import replace_unstorable

if TYPE_CHECKING:
    from search.lists.selection import Selection

LONGEST_TITLE = 200
LONGEST_NAME = 200
_DIGITS_IN_CODE = 12
_FORM = 1
"""The form of the manifest; a later one gets another number, and this one stays readable."""


class NothingToFreeze(Exception):
    """No study of the selection is published."""


class NoTitle(Exception):
    """The list was given no title."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A study of a frozen list: the change of the bank that its record was of, and the record's fingerprint."""

    pick: Pick
    change_no: int
    record: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a frozen list says. `title`, `by` and the notes are its maker's words, not the bank's."""

    title: str
    by: str
    frozen_on: datetime.date
    bank_id: str
    change_no: int
    entries: tuple[Entry, ...]


def freeze(selection: Selection, *, title: str, by: str = "") -> FrozenList:
    """Freeze the published studies of `selection`: at most thirteen queries, whatever their number.

    Return the list of this very content where it is there already. Raises NoTitle and NothingToFreeze.
    """
    title = _one_line(title)[:LONGEST_TITLE]
    if not title:
        raise NoTitle
    found = Study.objects.for_export().in_order_of(Study.objects.published_ids(selection.slugs))
    if not found:
        raise NothingToFreeze
    manifest = _manifest(selection, found, title, _one_line(by)[:LONGEST_NAME])
    checksum = checksum_of(manifest)
    code = f"{timezone.localdate():%Y-%m-%d}-{checksum[:_DIGITS_IN_CODE]}"
    frozen, _is_new = FrozenList.objects.get_or_create(code=code, defaults={"manifest": manifest, "checksum": checksum})
    return frozen


def checksum_of(manifest: str) -> str:
    """Return the SHA-256 of the manifest as it is downloaded, in hexadecimal digits: what `sha256sum` prints."""
    return hashlib.sha256(manifest.encode()).hexdigest()


def contents(frozen: FrozenList) -> Contents:
    """Read a frozen list: no query."""
    told: Mapping[str, Any] = json.loads(frozen.manifest)
    return Contents(
        title=told["title"],
        by=told["by"],
        frozen_on=datetime.date.fromisoformat(told["frozen_on"]),
        bank_id=told["bank"],
        change_no=told["change_no"],
        entries=tuple(
            Entry(Pick(each["id"], each["note"]), each["change_no"], each["record"]) for each in told["studies"]
        ),
    )


def later_events(frozen: Contents, keys: Mapping[str, int]) -> dict[str, tuple[HistoryEvent, ...]]:
    """Return by slug what the public may know of changes since the list was frozen: one query.

    `keys` are those of the studies to tell of, by slug.
    """
    since = {keys[entry.pick.slug]: entry.change_no for entry in frozen.entries if entry.pick.slug in keys}
    histories = read_public_histories(keys.values(), since)
    return {slug: histories.get(key, ()) for slug, key in keys.items()}


def _manifest(selection: Selection, studies: list[Study], title: str, by: str) -> str:
    counter, vocabulary = bank_state.current(), vocabularies.current()
    notes = {pick.slug: pick.note for pick in selection.picks}
    told = {
        "form": _FORM,
        "title": title,
        "by": by,
        "frozen_on": timezone.localdate().isoformat(),
        "bank": str(counter.bank_id),
        "change_no": counter.change_no,
        "studies": [
            {
                "id": study.slug,
                "change_no": study.changed_no,
                "record": fingerprint(to_record(study, vocabulary)),
                "note": notes[study.slug],
            }
            for study in studies
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _one_line(text: str) -> str:
    return " ".join(replace_unstorable(text).split())
