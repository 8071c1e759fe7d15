"""Atom feeds (RFC 4287) of what happened in the list of any criteria. Each language has an address of its own."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from search.criteria.filters import read_criteria
from search.index import indexing
from search.lists import feed
from search.web.results.page import search_url
from search.web.shared.subscribe_links import feed_title, feed_url
from studies.store import bank_state, vocabularies
from studies.text.bilingual import choose_text
from studies.text.characters import replace_non_xml
from studies.web.shared.addresses import absolute_url
from studies.web.shared.components import title_of
from studies.web.shared.responses import SHARED_CONTROL
from studies.web.study.record_history import describe_event

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.lists.feed import FeedEntry
    from studies.models import BankCounter

_FORMAT_VERSION = 2
"""To be raised when the code makes another feed of the same bank: it is part of the ETag."""

_SETTLED_AFTER = timedelta(seconds=2)


@require_safe
def atom(request: HttpRequest, language: str) -> HttpResponse:
    """Send the feed of the criteria; 304, for at most two queries, to a client that has this version of it."""
    criteria = read_criteria(request.GET).as_set()
    counter = bank_state.current()
    etag = _etag(criteria, counter, language, absolute_url(request, "/"))
    # The header counts in seconds: another change within the same second would go unnoticed.
    changed_at = max(counter.changed_at, counter.vocabulary_at)
    last_modified = int(changed_at.timestamp()) if timezone.now() - changed_at > _SETTLED_AFTER else None
    known = get_conditional_response(request, etag=etag, last_modified=last_modified)
    if known is not None:
        return known
    with override(language):
        response = HttpResponse(
            _write_feed(request, criteria, language, changed_at), content_type=Atom1Feed.content_type
        )
    response.headers["Content-Language"] = language
    if indexing.check_health().state != "ready":
        # Made from an index that is behind the database: nobody may cache it under the ETag of this version.
        patch_cache_control(response, no_store=True)
        return response
    response.headers["ETag"] = etag
    if last_modified is not None:
        response.headers["Last-Modified"] = http_date(last_modified)
    response.headers["Cache-Control"] = SHARED_CONTROL
    return response


def _etag(criteria: Criteria, counter: BankCounter, language: str, host: str) -> str:
    made_of = (
        *(_FORMAT_VERSION, language, host, criteria.query_string, counter.bank_id),
        *(counter.change_no, counter.changed_at, counter.vocabulary_no, counter.vocabulary_at),
    )
    return quote_etag(hashlib.sha256(repr(made_of).encode(errors="replace")).hexdigest()[:32])


def _write_feed(request: HttpRequest, criteria: Criteria, language: str, changed_at: datetime) -> str:
    bank_id = bank_state.current().bank_id
    atom_feed = _Feed(
        title=replace_non_xml(feed_title(criteria, language), instead=" "),
        link=absolute_url(request, search_url(criteria)),
        description=None,
        subtitle=_("Estudios nuevos, correcciones y retiros."),
        language=language,
        author_name="Banco de Evidencias",
        feed_url=absolute_url(request, feed_url(criteria, language)),
        feed_guid=uuid.uuid5(bank_id, f"feed {language} {criteria.query_string}").urn,
        feed_copyright=settings.DATA_LICENCE_NAME,
        changed_at=changed_at,
    )
    for entry in feed.list_latest_events(criteria):
        _add_entry(atom_feed, entry, request, language, bank_id)
    return atom_feed.writeString("utf-8")


class _Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """Return the time of the newest entry, or that of the bank's last change if there is none."""
        found: datetime = self.items[0]["updateddate"] if self.items else self.feed["changed_at"]
        return found


def _add_entry(atom_feed: _Feed, entry: FeedEntry, request: HttpRequest, language: str, bank_id: uuid.UUID) -> None:
    event, study = entry.event, entry.study
    what = describe_event(event, language)
    if study is None:
        title = _("Estudio retirado del banco")
        summary = _("El banco retiró este estudio. Va en todos los feeds, también si no estaba en su lista.")
    else:
        name = title_of(study, vocabularies.current(), language).text
        title = _("Nuevo: %(title)s") % {"title": name} if event.kind == "published" else f"{_capitalise(what)}: {name}"
        finding = choose_text(study.key_finding_es, study.key_finding_en, language)
        summary = f"{_capitalise(what)}. {finding.text if finding else ''}".strip()
    atom_feed.add_item(
        title=replace_non_xml(title, instead=" "),
        link=absolute_url(request, reverse("study", args=[entry.slug])),
        # Django's generator declares the summary as HTML, so the plain text has to be escaped for that too.
        description=escape(replace_non_xml(summary, instead=" ")),
        unique_id=uuid.uuid5(bank_id, f"{language} {entry.slug} {event.first_no}").urn,
        updateddate=event.on,
        categories=(event.kind, *event.parts),
    )


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
