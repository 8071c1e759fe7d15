"""What holds for every request of somebody who is signed in, or was refused."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from accounts import devices, second_step, sessions
from accounts.request_notes import notes_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class StaffSessions:
    """Ends sessions that are over, and lets nobody past a step that is still due after the password."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Without the cookie the session is not even looked at: public pages do not depend on it, and can be cached.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            if sessions.has_expired(request.session):
                logout(request)
            else:
                sessions.touch(request.session)
                step = second_step.due(request)
                if step and not step.allows(request.path_info):
                    is_of_workplace = request.path_info.startswith(reverse("admin:index"))
                    if is_of_workplace and request.method in ("GET", "HEAD"):
                        response = redirect(_with_next(step, request))
                        add_never_cache_headers(response)
                        return response
                    # A stranger meanwhile, who reads what is public. A form does nothing, and what was typed is kept.
                    second_step.hold(request)
        answer = self.get_response(request)
        if notes_of(request).session_was_ended:
            # Not "cookies": a reader's selection and the known browser stay.
            answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer


class Refusals:
    """Answers 429 where `accounts.limits` refused an attempt; the page itself says so in words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        notes = notes_of(request)
        if notes.refusal:
            response.status_code = 429
            response.headers["Retry-After"] = str(notes.refusal.retry_after_s)
        elif notes.proven_account:
            devices.remember(response, notes.proven_account)
        return response


def _with_next(step: second_step.Step, request: HttpRequest) -> str:
    """Return the path of `step` with the address to go on to, where that is not the first page of the workplace."""
    is_plain = request.path_info in {reverse("admin:index"), *(each.path for each in second_step.Step)}
    if is_plain or step is second_step.Step.PASSWORD:
        return step.path
    return f"{step.path}?{urlencode({'next': request.get_full_path()})}"
