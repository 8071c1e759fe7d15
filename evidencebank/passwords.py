"""Resetting a forgotten password: by e-mail if a mail server is set, else by a link that an administrator hands over.

Only for people of the workplace. No answer tells a stranger whether an account exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import (
    PasswordResetCompleteView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits, security_log
from accounts.request_notes import notes_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.urls import URLPattern

PAUSE_S = 300
"""How long a worker waits before it writes to the same person again, so that no stranger can fill a mailbox."""


def reset_link_path(user: User) -> str:
    """Return the path by which `user` may choose a new password, once and within `PASSWORD_RESET_TIMEOUT`."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password_reset_confirm", args=[key, default_token_generator.make_token(user)])


class ResetByEmailForm(PasswordResetForm):
    """Writes to the people of the workplace who have this address, and to nobody twice within PAUSE_S."""

    def get_users(self, email: str) -> Iterable[Any]:
        for user in super().get_users(email):
            if user.is_staff and cache.add(f"password-letter:{user.pk}", True, PAUSE_S):
                yield user


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class _ResetByEmailView(PasswordResetView):
    form_class = ResetByEmailForm
    from_email = settings.MAIL_FROM
    success_url = reverse_lazy("password_reset_done")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), **_workplace_context(self.request)}


@require_safe
def _without_mail(request: HttpRequest) -> HttpResponse:
    context = {**_workplace_context(request), "title": "¿Olvidó su contraseña?"}
    return TemplateResponse(request, "registration/password_reset_without_mail.html", context)


@never_cache
def request_reset(request: HttpRequest) -> HttpResponseBase:
    """Ask for the e-mail address; without a mail server, say whom to ask for a link."""
    return _ResetByEmailView.as_view()(request) if settings.SENDS_MAIL else _without_mail(request)


class _EmailSentView(PasswordResetDoneView):
    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), **_workplace_context(self.request)}


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class _NewPasswordView(PasswordResetConfirmView):
    success_url = reverse_lazy("password_reset_complete")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**_workplace_context(self.request), **super().get_context_data(**context)}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        name = form.user.get_username()
        # The link proves the person: this browser gets in however often strangers fail elsewhere.
        notes_of(self.request).proven_account = limits.account_key(name)
        security_log.write("password chosen by link", self.request, name=name)
        return response


class _PasswordChangedView(PasswordResetCompleteView):
    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), **_workplace_context(self.request)}


def _workplace_context(request: HttpRequest) -> dict[str, Any]:
    return {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}


URLS: list[URLPattern] = [
    path("admin/contrasena/", request_reset, name="admin_password_reset"),
    path("admin/contrasena/enviado/", _EmailSentView.as_view(), name="password_reset_done"),
    path("admin/contrasena/lista/", _PasswordChangedView.as_view(), name="password_reset_complete"),
    path("admin/contrasena/<uidb64>/<token>/", _NewPasswordView.as_view(), name="password_reset_confirm"),
]
"""URL patterns, which have to come before those of the admin."""
