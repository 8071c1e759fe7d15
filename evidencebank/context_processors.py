"""The context that the layout of every page needs; lazy where it reads the database, for pages without a footer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, override

from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.bank_counts import bank_version

HELPLINE = "100"  # Peru's free line on violence against women, in three languages, day and night


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """What the settings say of this installation; empty where they do."""

    contact_email: str
    quick_exit_url: str
    helpline: str
    chat_url: str
    licence_name: str
    licence_url: str


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A link to this page in a language, which is named in that language itself."""

    code: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ShareCard:
    """What the card of a shared link (Open Graph) shows beside the page's texts: a picture, and the locales.

    Only for an address that is a page: on that of an error the host may be a forged one, which Django refuses to tell.
    """

    image_url: str
    locale: str
    other_locale: str


LOCALES = {"es": "es_PE", "en": "en_US"}


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the layout: site, bank (version and size), section, card, addresses of the page."""
    match = request.resolver_match
    links = _language_links(request)
    return {
        "site": SiteInfo(
            contact_email=settings.CONTACT_EMAIL,
            quick_exit_url=settings.QUICK_EXIT_URL,
            helpline=HELPLINE,
            chat_url=settings.CHAT100_URL,
            licence_name=settings.DATA_LICENCE_NAME,
            licence_url=settings.DATA_LICENCE_URL,
        ),
        "bank": SimpleLazyObject(bank_version),
        "card": _card(request) if links else None,
        "section": match.url_name if match else "",
        "alternates": links,
        "canonical_url": next((link.url for link in links if link.code == get_language()), ""),
        "language_switch": _switch(request, links),
        "page_url": SimpleLazyObject(lambda: absolute_url(request, request.get_full_path())),
    }


def _card(request: HttpRequest) -> ShareCard:
    language = page_language()
    other = "es" if language == "en" else "en"
    # Lazy, as pages with another head, those of the workplace, do not need the storage for it.
    image = SimpleLazyObject(lambda: absolute_url(request, staticfiles_storage.url(f"social/{language}.png")))
    return ShareCard(cast(str, image), LOCALES[language], LOCALES[other])


def _language_links(request: HttpRequest) -> list[LanguageLink]:
    """Return this page's address in every language, without its query; [] if it is the same in all or no page."""
    match = request.resolver_match
    if match is None or not match.url_name:
        return []
    links = []
    for code, name in settings.LANGUAGES:
        with override(code):
            try:
                path = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
            except NoReverseMatch:
                return []
        links.append(LanguageLink(code, name, absolute_url(request, path)))
    return links if links[0].url != links[-1].url else []


def _switch(request: HttpRequest, links: list[LanguageLink]) -> LanguageLink:
    """Return the link to this page in the other language with its criteria; to the first page where there is none."""
    for code, name in settings.LANGUAGES:
        if code != get_language():
            query = request.META.get("QUERY_STRING", "")
            match = request.resolver_match
            with override(code):
                path = (
                    reverse(match.view_name, args=match.args, kwargs=match.kwargs)
                    if links and match
                    else reverse("home")
                )
            return LanguageLink(code, name, f"{path}?{query}" if links and query else path)
    raise AssertionError("settings.LANGUAGES names one language only")
