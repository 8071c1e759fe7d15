"""The view models of a selection, the reader's own or one that an address shares, and of a frozen list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import ngettext

from search.lists.frozen import has_hidden_words
from search.web.shared.export_links import export_links, reference_form
from search.web.shared.view_models import ExportLink
from studies.exports.registry import EXPORTS
from studies.store import vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.web.shared.components import StudyLine, study_line
from studies.web.study.record_history import HistoryLine, describe_event

if TYPE_CHECKING:
    from search.lists.frozen import FrozenContents
    from search.lists.published_slugs import PickStatus
    from search.models import FrozenList
    from search.web.shared.view_models import ReferenceForm
    from studies.curation.history import HistoryEvent
    from studies.models import Study
    from studies.store.vocabularies import Vocabularies


@dataclass(frozen=True, slots=True)
class ListItem:
    """A study of a list, or what became of it. `line` is None unless it is published.

    `way_on` is the address of the notice of a withdrawn study, or of the study that a merged one went into.
    `later` is what happened to its record since the list was frozen.
    """

    slug: str
    note: str
    fate: Literal["published", "withdrawn", "merged", "unknown"]
    line: StudyLine | None
    key_finding: LocalizedText | None
    way_on: str = ""
    later: tuple[HistoryLine, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """All that the page of a selection prints.

    `is_shared`: its studies are those of the address, not the reader's own. `share_url` is empty for more studies than
    an address may hold, `compare_url` unless two to six can be compared, `brief_url` for more than a brief takes or
    none. `undo_count` is the number of studies before something was taken away, 0 where nothing was. `own_files` are
    those that take the reader's title, name and notes. `primary_url` is where a frozen list can be made if this host
    only reads, else "".
    """

    items: tuple[ListItem, ...]
    total: int
    is_shared: bool
    exports: tuple[ExportLink, ...]
    references: ReferenceForm
    share_url: str
    brief_url: str = ""
    undo_count: int = 0
    error: str = ""
    compare_url: str = ""
    own_files: tuple[ExportLink, ...] = ()
    primary_url: str = ""


@dataclass(frozen=True, slots=True)
class FrozenListPage:
    """All that the page of a frozen list prints.

    `has_hidden_words`: those of its maker wait for somebody of staff to read them. `manifest_url` is "" then, as the
    file has them too.
    """

    title: str
    contents: FrozenContents
    checksum: str
    url: str
    items: tuple[ListItem, ...]
    total: int
    exports: tuple[ExportLink, ...]
    references: ReferenceForm
    manifest_url: str
    report_url: str
    has_hidden_words: bool


def describe_items(
    listed: Iterable[PickStatus], language: str, later: Mapping[str, tuple[HistoryEvent, ...]] | None = None
) -> tuple[ListItem, ...]:
    """Return the view models of a list's studies: no query. `later` holds by slug what happened since it was frozen."""
    vocabulary = vocabularies.current()
    return tuple(_item(each, vocabulary, language, (later or {}).get(each.pick.slug, ())) for each in listed)


def share_query(slugs: Iterable[str]) -> str:
    """Return the query string of an address that shares these studies in their order."""
    return urlencode([("id", slug) for slug in slugs])


def frozen_list_page(
    frozen: FrozenList, contents: FrozenContents, items: tuple[ListItem, ...], url: str
) -> FrozenListPage:
    """Return the view model of a frozen list. `url` is its whole address."""
    hidden = has_hidden_words(frozen)
    return FrozenListPage(
        title=contents.title or _plain_title(len(contents.entries)),
        contents=contents,
        checksum=frozen.checksum,
        url=url,
        items=items,
        total=sum(item.line is not None for item in items),
        exports=tuple(export_links("frozen-list-export", code=frozen.code)),
        references=reference_form("frozen-list-export", code=frozen.code),
        manifest_url="" if hidden else reverse("frozen-list-manifest", args=[frozen.code]),
        report_url=reverse("frozen-list-report", args=[frozen.code]),
        has_hidden_words=hidden,
    )


def own_files() -> tuple[ExportLink, ...]:
    """Return the files of a selection that print the words of their reader: those with references in a style."""
    return tuple(
        ExportLink(export.label, reverse("selection-export", args=[ext]), "references")
        for ext, export in EXPORTS.items()
        if export.has_style
    )


def _plain_title(number: int) -> str:
    return ngettext("Lista de %(number)s estudio", "Lista de %(number)s estudios", number) % {"number": number}


def _item(listed: PickStatus, vocabulary: Vocabularies, language: str, later: tuple[HistoryEvent, ...]) -> ListItem:
    study, slug = listed.study, listed.pick.slug
    way_on = {"withdrawn": slug, "merged": listed.leads_to}.get(listed.fate, "")
    return ListItem(
        slug=slug,
        note=listed.pick.note,
        fate=listed.fate,
        line=study_line(study, vocabulary, language) if study else None,
        key_finding=_key_finding(study, language) if study else None,
        way_on=reverse("study", args=[way_on]) if way_on else "",
        later=tuple(HistoryLine(event.on, describe_event(event, language)) for event in later) if study else (),
    )


def _key_finding(study: Study, language: str) -> LocalizedText | None:
    return choose_text(study.key_finding_es, study.key_finding_en, language)


def count_text(count: int) -> str:
    """Return the text of the counter: "3 estudios en su selección"."""
    return ngettext("%(count)s estudio en su selección", "%(count)s estudios en su selección", count) % {"count": count}
