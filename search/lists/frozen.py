"""Freezes a selection as a dated list that never changes, and reads it back.

A list is a file, its manifest: slugs, fingerprints of their records, day, change number of the bank. No words of its
maker: nobody publishes text in the bank's name unread (R13). The address of a list contains the beginning of the
manifest's SHA-256, so it vouches for the content, and freezing the same selection twice on one day gives one list.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from django.utils import timezone

from search.lists.selection import Pick
from search.models import FrozenList
from studies.curation.history import HistoryEvent, read_public_histories
from studies.models import Study
from studies.records.study import fingerprint
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from search.lists.selection import Selection

_DIGITS_IN_CODE = 12
_MANIFEST_VERSION = 2
"""Format of the manifest. A changed format gets another number; old lists stay readable: 1 had its maker's words."""

_START_WITH_WORDS = '{\n "form": 1,\n'
"""How the manifests begin that hold words of their makers."""


class NothingToFreeze(Exception):
    """No study of the selection is published."""


@dataclass(frozen=True, slots=True)
class FrozenEntry:
    """A study of a frozen list, with the change number and the fingerprint of its record at that time."""

    pick: Pick
    change_no: int
    record: str


@dataclass(frozen=True, slots=True)
class FrozenContents:
    """The content of a manifest. `title`, `by` and the notes are its maker's words, not the bank's; "" in new lists."""

    title: str
    by: str
    frozen_on: datetime.date
    bank_id: str
    change_no: int
    entries: tuple[FrozenEntry, ...]

    @property
    def has_words(self) -> bool:
        """Whether its maker wrote a title, a name or notes."""
        return bool(self.title or self.by or any(entry.pick.note for entry in self.entries))

    def without_words(self) -> Self:
        """Return the content as the public may see it while nobody has read its maker's words."""
        entries = (replace(entry, pick=Pick(entry.pick.slug)) for entry in self.entries)
        return replace(self, title="", by="", entries=tuple(entries))


def freeze(selection: Selection) -> FrozenList:
    """Freeze the published studies of `selection`: at most eighteen queries, whatever their number.

    Returns the existing list if one has this very content. Raises NothingToFreeze.
    """
    # The whole records: their fingerprints do not change because another study is withdrawn.
    found = Study.objects.published().for_record().in_order_of(Study.objects.published_ids(selection.slugs))
    if not found:
        raise NothingToFreeze
    manifest = _write_manifest(found)
    checksum = compute_checksum(manifest)
    code = f"{timezone.localdate():%Y-%m-%d}-{checksum[:_DIGITS_IN_CODE]}"
    # Two requests may freeze the same content at once: `code` is unique, so both get one row.
    frozen, _is_new = FrozenList.objects.get_or_create(code=code, defaults={"manifest": manifest, "checksum": checksum})
    return frozen


def has_hidden_words(frozen: FrozenList) -> bool:
    """Return True if a list has words of its maker that nobody of staff has approved: no query."""
    return not frozen.are_words_approved and read_contents(frozen).has_words


def lists_to_read() -> QuerySet[FrozenList]:
    """Return the public lists whose words somebody of staff has to read, the newest first."""
    return FrozenList.objects.filter(manifest__startswith=_START_WITH_WORDS, are_words_approved=False, removed_at=None)


def compute_checksum(manifest: str) -> str:
    """Return the SHA-256 of the manifest as it is downloaded, in hexadecimal digits, as `sha256sum` prints it."""
    return hashlib.sha256(manifest.encode()).hexdigest()


def read_public_contents(frozen: FrozenList) -> FrozenContents:
    """Read what the public may see of a frozen list: its maker's words only if staff approved them. No query."""
    contents = read_contents(frozen)
    return contents if frozen.are_words_approved else contents.without_words()


def read_contents(frozen: FrozenList) -> FrozenContents:
    """Read a frozen list with its maker's words, as staff see it: no query."""
    told: Mapping[str, Any] = json.loads(frozen.manifest)
    return FrozenContents(
        title=told.get("title", ""),
        by=told.get("by", ""),
        frozen_on=datetime.date.fromisoformat(told["frozen_on"]),
        bank_id=told["bank"],
        change_no=told["change_no"],
        entries=tuple(
            FrozenEntry(Pick(each["id"], each.get("note", "")), each["change_no"], each["record"])
            for each in told["studies"]
        ),
    )


def list_later_events(frozen: FrozenContents, keys: Mapping[str, int]) -> dict[str, tuple[HistoryEvent, ...]]:
    """Return by slug the public events since the list was frozen: one query.

    `keys` has the keys of the studies to report on, by slug.
    """
    since = {keys[entry.pick.slug]: entry.change_no for entry in frozen.entries if entry.pick.slug in keys}
    histories = read_public_histories(keys.values(), since)
    return {slug: histories.get(key, ()) for slug, key in keys.items()}


def _write_manifest(studies: list[Study]) -> str:
    counter, vocabulary = bank_state.current(), vocabularies.current()
    told = {
        "form": _MANIFEST_VERSION,
        "frozen_on": timezone.localdate().isoformat(),
        "bank": str(counter.bank_id),
        "change_no": counter.change_no,
        "studies": [
            {
                "id": study.slug,
                "change_no": study.changed_no,
                "record": fingerprint(to_record(study, vocabulary)),
            }
            for study in studies
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
