"""The form by which a reader reports a page of the bank to its staff: shown, checked, limited, kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.networks import IPV6_SITE_PREFIX
from search.lists.reports import LONGEST_TEXT, file_report
from search.models import PageReport
from search.rate_limits import DAY_S, RateLimit

REPORTS_BY_NETWORK = RateLimit("reports-network", most=10, per_s=DAY_S)
REPORTS_BY_SITE = RateLimit("reports-site", most=40, per_s=DAY_S)
"""Of the /48 of an IPv6 address: whoever has one does not use up the day of all others."""
REPORTS_OF_PAGE = RateLimit("reports-page", most=20, per_s=DAY_S)
REPORTS_OVERALL = RateLimit("reports", most=200, per_s=DAY_S)


def answer_report(request: HttpRequest, page_url: str, kind: str) -> HttpResponse:
    """Take a report about the page at `page_url` (POST) by the form that is shown (GET). Only staff read what it says.

    `kind` names what sort of page it is.
    """
    context: dict[str, object] = {
        "page_url": page_url,
        "kind": kind,
        "reasons": PageReport.Reason.choices,
        "longest": LONGEST_TEXT,
        "chosen": request.POST.get("reason", ""),
        "text": request.POST.get("text", ""),
    }
    if request.method != "POST":
        return render(request, "search/report.html", context)
    if request.POST.get("reason") not in PageReport.Reason.values:
        return render(request, "search/report.html", context | {"reason_error": True}, status=400)
    if wait_s := _use_limits(request.META.get("REMOTE_ADDR", ""), page_url):
        error = _("Hoy llegaron muchos informes desde su red o en todo el banco. Pruebe mañana.")
        response = render(request, "search/report.html", context | {"error": error}, status=429)
        response.headers["Retry-After"] = str(wait_s)
        return response
    file_report(page_url, request.POST["reason"], request.POST.get("text", ""))
    return render(request, "search/report.html", context | {"is_sent": True})


def _use_limits(address: str, page_url: str) -> int:
    """Count a report. Return 0 if it is taken, else the seconds until one may be. The first refusal ends it."""
    return (
        REPORTS_BY_NETWORK.consume_from(address)
        or REPORTS_BY_SITE.consume_from(address, IPV6_SITE_PREFIX)
        or REPORTS_OF_PAGE.consume(page_url)
        or REPORTS_OVERALL.consume()
    )
