"""Pages of a person's own account: the password, and the sessions that are open."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse_lazy
from django.urls.resolvers import URLPattern
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import security_log, sessions
from accounts.forms import OwnPasswordForm

_methods = require_http_methods(["GET", "HEAD", "POST"])


@method_decorator(_methods, name="dispatch")
class _OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm
    template_name = "admin/accounts/password.html"
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        must_change = sessions.must_change_password(self.request.session)
        return {**admin.site.each_context(self.request), **super().get_context_data(**context), "must": must_change}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        user = cast(User, self.request.user)
        sessions.after_password_change(self.request, user)
        security_log.write("password changed", self.request, name=user.get_username())
        return response


@_methods
def own_sessions(request: HttpRequest) -> HttpResponse:
    """List the open sessions of whoever asks. A post ends one of them (`end`), or all others."""
    user = cast(User, request.user)
    if request.method == "POST":
        messages.success(request, _end_sessions(request, user))
        return redirect("own-sessions")
    found = sessions.list_open(request, user)
    context = {**admin.site.each_context(request), "title": "Mis sesiones", "sessions": found}
    return TemplateResponse(request, "admin/accounts/sessions.html", context)


def _end_sessions(request: HttpRequest, user: User) -> str:
    chosen = request.POST.get("end", "")
    if chosen == "others":
        count = sessions.end_others(request, user)
        said = {0: "No había otra sesión abierta.", 1: "Se terminó la otra sesión."}
        sentence = said.get(count, f"Se terminaron las otras {count} sesiones.")
    else:
        is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
        count = int(is_number and sessions.end(user, int(chosen)))
        sentence = "Se terminó la sesión." if count else "Esa sesión ya no estaba abierta."
    if count:
        security_log.write("sessions ended by their owner", request, name=user.get_username(), told={"count": count})
    return sentence


@sensitive_post_parameters()
def _own_password(request: HttpRequest) -> HttpResponseBase:
    return _OwnPasswordView.as_view()(request)


URLS: list[URLPattern] = [
    # Before the admin's own address of the same name, so that links and redirects of Django's lead here.
    path("admin/password_change/", admin.site.admin_view(_own_password), name="own-password"),
    path("admin/sesiones/", admin.site.admin_view(own_sessions), name="own-sessions"),
]
"""URL patterns, which have to come before those of the admin."""
