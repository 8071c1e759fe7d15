"""Views of what the law and researchers of faults want to know: privacy, who answers for the bank, security.txt."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.sessions import KEPT_FOR
from search.lists import alerts
from studies.web.shared.addresses import absolute_url

SECURITY_TEXT_HOLDS = timedelta(days=180)
"""RFC 9116 recommends less than a year. The settings are read at each start, so the text is always as new as they."""


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Tell what is kept of whom, why and how long (Peru's Ley 29733), and who answers for the bank."""
    context = {
        "responsible_name": settings.RESPONSIBLE_NAME,
        "responsible_address": settings.RESPONSIBLE_ADDRESS,
        "responsible_url": settings.RESPONSIBLE_URL,
        "privacy_email": settings.PRIVACY_EMAIL or settings.CONTACT_EMAIL,
        "keep_reports_days": settings.KEEP_REPORTS_DAYS,
        "keep_sign_ins_days": KEPT_FOR.days,
        "sends_mail": alerts.are_offered(),
    }
    return render(request, "pages/privacy.html", context)


@require_safe
def security_text(request: HttpRequest) -> HttpResponse:
    """Tell who wants to hear of faults (RFC 9116). 404 where SECURITY_CONTACT names nobody."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (timezone.now() + SECURITY_TEXT_HOLDS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: es, en",
        f"Canonical: {absolute_url(request, reverse('security-text'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
