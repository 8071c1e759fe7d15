"""Freezes a selection as a dated list that never changes, and reads it back.

A list is a file, its manifest: slugs, fingerprints of their records, notes, title, day, change number of the bank. The
address of a list contains the beginning of the manifest's SHA-256, so it vouches for the content, and freezing the same
selection twice on one day gives one list.
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
_MANIFEST_VERSION = 1
"""Format of the manifest. A changed format gets another number; old lists must stay readable."""


class NothingToFreeze(Exception):
    """No study of the selection is published."""


class TitleMissing(Exception):
    """The list was given no title."""


@dataclass(frozen=True, slots=True)
class FrozenEntry:
    """A study of a frozen list, with the change number and the fingerprint of its record at that time."""

    pick: Pick
    change_no: int
    record: str


@dataclass(frozen=True, slots=True)
class FrozenContents:
    """The content of a manifest. `title`, `by` and the notes are its maker's words, not the bank's."""

    title: str
    by: str
    frozen_on: datetime.date
    bank_id: str
    change_no: int
    entries: tuple[FrozenEntry, ...]


def freeze(selection: Selection, *, title: str, by: str = "") -> FrozenList:
    """Freeze the published studies of `selection`: at most eighteen queries, whatever their number.

    Returns the existing list if one has this very content. Raises TitleMissing and NothingToFreeze.
    """
    title = _join_lines(title)[:LONGEST_TITLE]
    if not title:
        raise TitleMissing
    # The whole records: their fingerprints do not change because another study is withdrawn.
    found = Study.objects.published().for_record().in_order_of(Study.objects.published_ids(selection.slugs))
    if not found:
        raise NothingToFreeze
    manifest = _write_manifest(selection, found, title, _join_lines(by)[:LONGEST_NAME])
    checksum = compute_checksum(manifest)
    code = f"{timezone.localdate():%Y-%m-%d}-{checksum[:_DIGITS_IN_CODE]}"
    # Two requests may freeze the same content at once: `code` is unique, so both get one row.
    frozen, _is_new = FrozenList.objects.get_or_create(code=code, defaults={"manifest": manifest, "checksum": checksum})
    return frozen


def compute_checksum(manifest: str) -> str:
    """Return the SHA-256 of the manifest as it is downloaded, in hexadecimal digits, as `sha256sum` prints it."""
    return hashlib.sha256(manifest.encode()).hexdigest()


def read_contents(frozen: FrozenList) -> FrozenContents:
    """Read a frozen list: no query."""
    told: Mapping[str, Any] = json.loads(frozen.manifest)
    return FrozenContents(
        title=told["title"],
        by=told["by"],
        frozen_on=datetime.date.fromisoformat(told["frozen_on"]),
        bank_id=told["bank"],
        change_no=told["change_no"],
        entries=tuple(
            FrozenEntry(Pick(each["id"], each["note"]), each["change_no"], each["record"]) for each in told["studies"]
        ),
    )


def list_later_events(frozen: FrozenContents, keys: Mapping[str, int]) -> dict[str, tuple[HistoryEvent, ...]]:
    """Return by slug the public events since the list was frozen: one query.

    `keys` has the keys of the studies to report on, by slug.
    """
    since = {keys[entry.pick.slug]: entry.change_no for entry in frozen.entries if entry.pick.slug in keys}
    histories = read_public_histories(keys.values(), since)
    return {slug: histories.get(key, ()) for slug, key in keys.items()}


def _write_manifest(selection: Selection, studies: list[Study], title: str, by: str) -> str:
    counter, vocabulary = bank_state.current(), vocabularies.current()
    notes = {pick.slug: pick.note for pick in selection.picks}
    told = {
        "form": _MANIFEST_VERSION,
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


def _join_lines(text: str) -> str:
    return " ".join(replace_unstorable(text).split())
