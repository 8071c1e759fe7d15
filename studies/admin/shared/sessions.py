"""Saves what was typed when a session has ended or a form is stale: it is shown again after the sign-in or a click.

What was typed travels in the page itself, never in a store of the server: nobody who is not signed in fills it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import second_step
from accounts.forms import SecondStepForm, SignInForm

View = Callable[..., HttpResponseBase]

AGAIN = "_again"
"""The name of a field that asks a view to show what was typed, and to do nothing yet."""
SHOWN_AGAIN = frozenset(
    {
        *("studies_study_add", "studies_study_change", "studies_study_move", "studies_study_notes"),
        *("studies_proposal_move", "studies_bulkchange_prepare", "studies_bulkchange_undo", "select-studies"),
    }
)
"""The names of the addresses whose views know AGAIN. For the others a page asks before what was typed is sent on."""
_PREFIX = "sign_in"
_STEP = f"{_PREFIX}-step"
"""The name of a field of the page that asks for the step after the password."""


def keep_typed_form(view: View) -> View:
    """Answer a form of somebody whose session ended with a sign-in that carries the form along."""

    @never_cache
    @sensitive_post_parameters()
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or (request.user.is_authenticated and _STEP not in request.POST):
            return view(request, *args, **kwargs)
        if not request.user.is_authenticated and (page := _ask_again(request)):
            return page
        match = request.resolver_match
        if match is None or match.url_name not in SHOWN_AGAIN:
            return _page(request, "admin/send_again.html", asks=False)
        typed = _typed_values(request)
        typed[AGAIN] = "1"
        request.POST = typed  # type: ignore[assignment]
        return view(request, *args, **kwargs)

    return answer


def _ask_again(request: HttpRequest) -> HttpResponse | None:
    """Ask for the password, then for the step that is due after it. None once the person is in."""
    if second_step.held_user(request) is None:
        is_signing_in = f"{_PREFIX}-username" in request.POST
        form = SignInForm(request, request.POST if is_signing_in else None, prefix=_PREFIX)
        if not is_signing_in or not form.is_valid():
            return _page(request, "admin/sign_in_again.html", form=form, had_files=bool(request.FILES))
        login(request, form.get_user())
    step = second_step.due(request)
    if step is None:
        return None
    second_step.hold(request)
    return _ask_step(request, step)


def _ask_step(request: HttpRequest, step: second_step.Step) -> HttpResponse | None:
    """Ask for the second factor here, and for any other step on its page, in another window. None once it is proven."""
    user = second_step.held_user(request)
    assert user is not None
    asks_code = step is second_step.Step.SECOND_FACTOR
    sent = request.POST if asks_code and _STEP in request.POST else None
    form = SecondStepForm(sent, prefix=_PREFIX, request=request, user=user)
    if form.is_valid():
        second_step.complete(request, user, form.factor)
        if second_step.due(request) is None:
            return None
        second_step.hold(request)
        asks_code = False
    shown = form if asks_code else None
    return _page(request, "admin/step_again.html", form=shown, step=step.path, step_field=_STEP)


def answer_stale_form(request: HttpRequest) -> HttpResponse | None:
    """Answer a form whose token is that of an earlier sign-in, as when one signed in again in another window.

    None for everybody who is not of the staff, and for pages that cannot show what was typed without doing it.
    """
    match = request.resolver_match
    user = getattr(request, "user", None)
    if request.method != "POST" or user is None or not user.is_staff or match is None:
        return None
    return _page(request, "admin/send_again.html", asks=True, status=403) if match.url_name in SHOWN_AGAIN else None


def _page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    typed = _typed_values(request)
    frame = {
        **admin.site.each_context(request),
        "title": "Nada se perdió",
        "typed": [(name, value) for name, values in typed.lists() for value in values],
        "again": AGAIN,
    }
    return TemplateResponse(request, template, {**frame, **context}, status=status).render()


def _typed_values(request: HttpRequest) -> QueryDict:
    """Return the values of the form, without those of the sign-in and the CSRF token."""
    typed = QueryDict(mutable=True)
    for name, values in request.POST.lists():
        if name not in ("csrfmiddlewaretoken", AGAIN) and not name.startswith(f"{_PREFIX}-"):
            typed.setlist(name, values)
    return typed
