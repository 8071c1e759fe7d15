"""Views of e-mail alerts: asking for one, confirming it, ending it.

Opening a link changes nothing: programs that scan mail open all links. Each step takes a form, or one-click POST.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from django.core.mail import get_connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from search.criteria.filters import read_criteria
from search.lists import alerts
from search.lists.alerts import AlertRefused, AlertRequest, LinkExpired
from search.models import Alert
from search.rate_limits import DAY_S, RateLimit, mailbox_key
from search.web.alerts.emails import confirmation_email
from search.web.shared.criteria_text import describe_criteria
from search.web.shared.same_origin import require_same_origin
from search.web.shared.subscribe_links import canonical_list_url, feed_url
from studies.text.language import page_language

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria

logger = logging.getLogger(__name__)

LIMIT_BY_NETWORK = RateLimit("alerts-network", most=20, per_s=DAY_S)
LIMIT_BY_MAILBOX = RateLimit("alerts-mailbox", most=3, per_s=DAY_S)
LIMIT_OVERALL = RateLimit("alerts", most=400, per_s=DAY_S)
"""Limits on e-mails to confirm, so that nobody floods mailboxes through the bank: twenty networks use up the last."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@require_same_origin
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for an alert of the criteria in the address: an e-mail to confirm goes out, and nothing is stored."""
    criteria = read_criteria(request.GET).as_set()
    if request.method != "POST" or not alerts.are_offered():
        return _render_form(request, criteria)
    typed = request.POST
    try:
        asked = alerts.request_alert(typed.get("email", ""), criteria, page_language(), typed.get("frequency", ""))
    except AlertRefused as refusal:
        return _render_form(request, criteria, errors={refusal.field: _refusal_texts()[refusal.field]}, status=400)
    if wait_s := _use_limits(request, asked):
        error = _("Hoy se pidieron muchos avisos desde su red, para esa dirección o en todo el banco. Pruebe mañana.")
        response = _render_form(request, criteria, errors={"": error}, status=429)
        response.headers["Retry-After"] = str(wait_s)
        return response
    if not _send_confirmation(asked):
        error = _("El correo no se pudo enviar. Nada quedó guardado: pruebe más tarde.")
        return _render_form(request, criteria, errors={"": error}, status=503)
    return render(request, "search/alert_sent.html", {"asked": asked, "list_url": canonical_list_url(criteria)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@require_same_origin
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show the alert of a link to confirm (GET), or store it (POST). 410 if the link has expired."""
    try:
        asked = alerts.read_token(token)
    except LinkExpired:
        return render(request, "search/alert_expired.html", status=410)
    context = {
        "asked": asked,
        "words": asked.criteria.q,
        "filters": describe_criteria(replace(asked.criteria, q=""), page_language()),
        "list_url": canonical_list_url(asked.criteria),
    }
    if request.method == "POST":
        context["alert"] = alerts.confirm_alert(asked)
    return render(request, "search/alert_confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def end(request: HttpRequest, key: str) -> HttpResponse:
    """End an alert, by the button of its page or by the one-click POST of a mail program (RFC 8058).

    The key in the address is the only proof needed, as such a POST comes from anywhere. To end twice does no harm.
    """
    if request.method == "POST":
        alerts.end_alert(key)
        return render(request, "search/alert_end.html", {"is_ended": True})
    alert = Alert.objects.filter(key=key).first()
    search = describe_criteria(alerts.parse_criteria(alert.query), page_language()) if alert else ""
    return render(request, "search/alert_end.html", {"is_ended": alert is None, "search": search})


def _render_form(
    request: HttpRequest, criteria: Criteria, *, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "is_offered": alerts.are_offered(),
        "search": describe_criteria(criteria, page_language()),
        "list_url": canonical_list_url(criteria),
        "feed_url": feed_url(criteria, page_language()),
        "email": request.POST.get("email", ""),
        "frequency": request.POST.get("frequency", Alert.Frequency.WEEKLY),
        "error": (errors or {}).get("") or (errors or {}).get("query", "") or (errors or {}).get("frequency", ""),
        "email_error": (errors or {}).get("email", ""),
    }
    return render(request, "search/alert_form.html", context, status=status)


def _use_limits(request: HttpRequest, asked: AlertRequest) -> int:
    """Count a letter to confirm. Return 0 if it may be sent, else the seconds until one may."""
    # The first refusal ends it: a network that asks too often must not use up the day of all others.
    return (
        LIMIT_BY_NETWORK.consume_from(request.META.get("REMOTE_ADDR", ""))
        or LIMIT_BY_MAILBOX.consume(mailbox_key(asked.email))
        or LIMIT_OVERALL.consume()
    )


def _send_confirmation(asked: AlertRequest) -> bool:
    try:
        get_connection().send_messages([confirmation_email(asked)])
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a ValueError is an address it cannot write
        logger.error("could not send a letter to confirm an alert: %s", type(error).__name__)
        return False
    return True


def _refusal_texts() -> dict[str, str]:
    return {
        "email": _("Escriba una dirección de correo, como nombre@ejemplo.pe."),
        "frequency": _("Elija cada cuánto quiere los avisos."),
        "query": _("La búsqueda es demasiado larga para un aviso. Quite filtros o use el feed."),
    }
