"""Every address of the workplace, with the keys of rows that are there, read off the table of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import Group, User
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from jobs import queue
from search.lists.frozen import freeze
from search.lists.selection import Selection
from search.models import FrozenList, PageReport
from studies.curation.bulk import making
from studies.imports import batches
from studies.models import (
    Baseline,
    BulkChange,
    Concept,
    Evaluation,
    ImportBatch,
    Instrument,
    LinkCheck,
    Merge,
    PriorityOutcome,
    Programme,
    Proposal,
    Stage,
    Study,
    Term,
)
from tests.factories import edit, make_proposal, make_study, merge_studies, user_with_role
from tests.studies.learning.texts_factory import make_certainty, make_conclusion, make_safety_note

SECRET = "Xilofonista zarzaparrilla"
"""Stands in every draft, proposal and reviewed text of `make_rows`."""
_PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the workplace with a place for each key: `/admin/studies/study/{study_id}/notas/`."""

    name: str
    path: str
    keys: Mapping[str, str]

    @property
    def sample(self) -> str:
        return self.path.format(**self.keys)

    def with_key(self, value: str) -> str:
        """Return the address with something else in the place of every key."""
        return self.path.format(**dict.fromkeys(self.keys, value))


def make_rows() -> dict[str, str]:
    """Make a row of each kind that an address needs, and give the keys, by the name of the place or of the model."""
    writer = user_with_role("Curaduría", username="escritora")
    draft = make_study(by=writer, title=SECRET, title_es=SECRET, title_en=None)
    edit(draft, volume="7")
    kept = make_study(stage=Stage.PUBLISHED)
    proposal = make_proposal(make_study(stage=Stage.PUBLISHED), by=writer, title_es=SECRET)
    merged = merge_studies(make_study(), kept)
    batch = batches.open_batch("lista.ris", f"TY  - JOUR\r\nTI  - {SECRET}\r\nER  - \r\n".encode(), by=writer)
    batches.read_all(batch)
    selection = making.save_selection([draft.pk], by=writer)
    link = LinkCheck.objects.create(url="https://example.pe/", key="k", state="dead", checked_at=timezone.now())
    frozen = freeze(Selection.from_slugs([kept.slug]))
    report = PageReport.objects.create(path=frozen.get_absolute_url(), reason="wrong", text="Un informe")
    texts = [make(by=writer, author_name=SECRET) for make in (make_conclusion, make_certainty, make_safety_note)]
    draft.refresh_from_db()
    keys = {
        "study_id": draft.pk,
        "first_id": draft.pk,
        "second_id": kept.pk,
        "merge_id": Merge.objects.get(study=merged).pk,
        "proposal_id": proposal.pk,
        "bulk_id": selection.pk,
        "batch_id": batch.pk,
        "term_id": Term.objects.get(vocabulary="themes", code="autonomy").pk,
        "number": draft.changed_no,
        "content_type_id": 1,
        "app_label": "studies",
        "url": "no-existe",
        "uidb64": "MQ",
        "token": "x-y",
        "id": writer.pk,
        "user_id": writer.pk,
        "job_id": queue.ask("import", {"batch": batch.pk}, key=str(batch.pk), by=writer).pk,
        "kind": "housekeeping",
    }
    rows = {
        Study: draft,
        Proposal: proposal,
        BulkChange: selection,
        ImportBatch: batch,
        LinkCheck: link,
        FrozenList: frozen,
        PageReport: report,
        User: writer,
        **{type(text): text for text in texts},
        **{
            model: model.objects.order_by("pk")[0]
            for model in (Baseline, Concept, Evaluation, Group, Instrument, PriorityOutcome, Programme, Term)
        },
    }
    by_model = {model._meta.model_name or "": row.pk for model, row in rows.items()}
    return {name: str(key) for name, key in {**keys, **by_model}.items()}


def addresses(rows: Mapping[str, str]) -> list[Address]:
    """Return all addresses below /admin/, with a key in each place. Fails for one whose place no row fills."""
    return [_address(name, route, rows) for name, route in _routes(get_resolver()) if route.startswith("admin/")]


def _routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route)
        elif isinstance(entry, URLPattern):
            yield entry.name or "", route


def _address(name: str, route: str, rows: Mapping[str, str]) -> Address:
    model = route.split("/")[2] if route.count("/") > 2 else ""
    own = {
        "object_id": rows.get(model, "1"),
        "text_id": rows.get(model, "1"),
        "name": _NAMES.get(name, "send"),
        "code": "rob-2",
    }
    places = [first or second for first, second in _PARAMETER.findall(route)]
    path = _PARAMETER.sub(lambda found: "{" + (found[1] or found[2]) + "}", route.replace("^", "").replace("$", ""))
    return Address(name, f"/{path}", {place: own.get(place) or rows[place] for place in places})


_NAMES = {"studies_proposal_move": "accept", "studies_importbatch_template": "plantilla.xlsx"}
