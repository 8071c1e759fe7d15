"""Pages of the second factor: proving it after the password, adding one, one's own list, and the reset of another's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import factors, passkeys, recovery_codes, second_step, security_log, sessions, totp
from accounts.forms import (
    ConfirmPasswordForm,
    NewAppForm,
    NewFactorForm,
    NewPasskeyForm,
    ResetForm,
    SecondStepForm,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.urls import URLPattern

    View = Callable[..., HttpResponse]

CONFIRMED_FOR_S = 300
"""How long after the password was typed once more the factors of an account may be changed."""
_CONFIRMED, _SEED = "password_confirmed_at", "app_seed"


def _page(view: View) -> Any:
    """Return `view` as a page that holds secrets. What a step demands is `accounts.middleware`'s matter."""
    methods = require_http_methods(["GET", "HEAD", "POST"])
    return never_cache(sensitive_post_parameters()(methods(view)))


def prove(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor after the password."""
    user = _user(request)
    if second_step.due(request) is not second_step.Step.SECOND_FACTOR:
        return redirect(_next(request))
    form = SecondStepForm(request.POST if request.method == "POST" else None, request=request, user=user)
    if form.is_valid():
        second_step.complete(request, user, form.factor)
        if form.factor == factors.RECOVERY_CODE:
            _tell_codes_left(request, user)
        return redirect(_next(request))
    has_passkey = user.passkeys.exists()
    offers_passkey = has_passkey and passkeys.are_possible(request)
    context = {
        "form": form,
        "has_passkey": has_passkey,
        "options": passkeys.options_to_use(request, user) if offers_passkey else "",
        "next": _next(request),
    }
    return _render(request, "second_step.html", "Verificación en dos pasos", context)


def add(request: HttpRequest) -> HttpResponse:
    """Add an app or a passkey: as the step that is due, or to those that one has, after the password once more."""
    user = _user(request)
    is_due = second_step.due(request) is second_step.Step.ADD_FACTOR
    # A session may be older than the demand: whoever sits at one that was left open must not add a factor of theirs.
    if not _has_confirmed(request) and not (is_due and sessions.began_lately(request.session)):
        return _ask_password(request)
    what = request.POST.get("what", "")
    is_app, is_passkey = what == factors.APP, what == factors.PASSKEY
    app = NewAppForm(request.POST if is_app else None, prefix="app", initial={"name": "Mi celular"})
    passkey = NewPasskeyForm(request.POST if is_passkey else None, prefix="key", initial={"name": "Mi equipo"})
    if (is_app and _adds_app(request, user, app)) or (is_passkey and _adds_passkey(request, user, passkey)):
        codes = factors.note_added(request, user, what)
        if codes:
            return _show_codes(request, user, codes)
        messages.success(request, "Se agregó. Desde ahora sirve para entrar.")
        return redirect("own-factors")
    seed = request.session.setdefault(_SEED, totp.new_seed())
    context = {
        "app": app,
        "passkey": passkey,
        "picture": totp.picture(seed, user.get_username(), settings.SECOND_FACTOR_ISSUER),
        "key": totp.key_text(seed),
        "options": passkeys.options_to_add(request, user) if passkeys.are_possible(request) else "",
        "next": _next(request),
    }
    return _render(request, "add_factor.html", "Agregar un segundo paso", context)


def own_factors(request: HttpRequest) -> HttpResponse:
    """List the factors of whoever asks. A post removes one (`remove`), or makes new recovery codes (`codes`)."""
    user = _user(request)
    if request.method == "POST":
        if not _has_confirmed(request):
            return _ask_password(request)
        if "codes" in request.POST and second_step.has_factor(user):
            codes = recovery_codes.replace(user)
            security_log.write("recovery codes replaced", request, name=user.get_username())
            return _show_codes(request, user, codes)
        _remove(request, user, request.POST.get("remove", ""))
        return redirect("own-factors")
    context = {
        "factors": factors.list_factors(user),
        "codes_left": recovery_codes.count_left(user),
        "is_demanded": settings.REQUIRE_SECOND_FACTOR,
        "has_confirmed": _has_confirmed(request),
    }
    return _render(request, "factors.html", "Mi verificación en dos pasos", context)


def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password once more."""
    form = ConfirmPasswordForm(request.POST if request.method == "POST" else None, request=request, user=_user(request))
    if form.is_valid():
        request.session[_CONFIRMED] = int(time.time())
        sessions.change_key(request)
        return redirect(_next(request))
    return _render(request, "confirm_password.html", "Confirme su contraseña", {"form": form, "next": _next(request)})


def reset(request: HttpRequest, user_id: int) -> HttpResponse:
    """Remove all factors of another person, with a reason. Those who may change accounts may, but for superusers."""
    by = _user(request)
    if not by.has_perm("auth.change_user"):
        raise PermissionDenied
    user = get_object_or_404(User, pk=user_id)
    if user.pk == by.pk:
        return redirect("own-factors")
    if user.is_superuser and not by.is_superuser:
        raise PermissionDenied
    if not _has_confirmed(request):
        return _ask_password(request)
    form = ResetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        factors.reset(user, by=by, reason=form.cleaned_data["reason"], request=request)
        messages.success(request, f"Se quitó la verificación en dos pasos de {user.get_username()}.")
        return redirect("admin:auth_user_change", user.pk)
    context = {"form": form, "person": user, "factors": factors.list_factors(user)}
    return _render(request, "reset_factors.html", "Quitar la verificación en dos pasos", context)


def _adds_app(request: HttpRequest, user: User, form: NewAppForm) -> bool:
    if not form.is_valid():
        return False
    seed = request.session.get(_SEED, "")
    if not seed or totp.add(user, seed, form.cleaned_data["name"], form.cleaned_data["code"]) is None:
        form.add_error(
            "code",
            "Este código no corresponde. Escriba el que la aplicación muestra ahora; si tampoco sirve, "
            "revise que la hora de su celular sea la correcta.",
        )
        return False
    del request.session[_SEED]
    return True


def _adds_passkey(request: HttpRequest, user: User, form: NewFactorForm) -> bool:
    if not form.is_valid():
        return False
    try:
        passkeys.add(request, user, form.cleaned_data["name"], form.cleaned_data["passkey"])
    except passkeys.PasskeyRefused:
        form.add_error(None, "No se pudo agregar la llave de acceso. Inténtelo otra vez.")
        return False
    return True


def _remove(request: HttpRequest, user: User, key: str) -> None:
    try:
        name = factors.remove(request, user, key)
    except factors.LastFactor:
        messages.error(request, "Es el único que tiene, y este sitio lo exige. Agregue otro antes de quitarlo.")
        return
    if name is None:
        messages.error(request, "Eso ya no estaba en su lista.")
    else:
        messages.success(request, f"Se quitó «{name}». Ya no sirve para entrar.")


def _tell_codes_left(request: HttpRequest, user: User) -> None:
    left = recovery_codes.count_left(user)
    said = {0: "Era su último código de recuperación.", 1: "Le queda un código de recuperación."}
    sentence = said.get(left, f"Le quedan {left} códigos de recuperación.")
    messages.warning(request, f"{sentence} En «Mi verificación en dos pasos» puede hacer una lista nueva.")


def _show_codes(request: HttpRequest, user: User, codes: list[str]) -> HttpResponse:
    # In the answer itself: nothing keeps them, not even a session.
    context = {"codes": codes, "account": user.get_username(), "next": _next(request)}
    return _render(request, "recovery_codes.html", "Sus códigos de recuperación", context)


def _has_confirmed(request: HttpRequest) -> bool:
    return bool(time.time() - request.session.get(_CONFIRMED, 0) < CONFIRMED_FOR_S)


def _ask_password(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse(second_step.CONFIRM_ADDRESS)}?{urlencode({'next': request.get_full_path()})}")


def _next(request: HttpRequest) -> str:
    """Return where to go on to: an address of this site that the form or the address names, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse("admin:index")


def _render(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page of the workplace; without its menus as long as a step is due, as they would lead nowhere."""
    is_due = second_step.due(request) is not None
    frame = {**admin.site.each_context(request), "title": title, "is_due": is_due, **context}
    if is_due:
        frame |= {"is_nav_sidebar_enabled": False, "has_permission": False, "available_apps": []}
    return TemplateResponse(request, f"admin/accounts/{template}", frame)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


URLS: list[URLPattern] = [
    path("admin/segundo-paso/", _page(login_required(prove)), name=second_step.Step.SECOND_FACTOR.value),
    path("admin/segundo-paso/agregar/", _page(admin.site.admin_view(add)), name=second_step.Step.ADD_FACTOR.value),
    path("admin/segundo-paso/mios/", _page(admin.site.admin_view(own_factors)), name="own-factors"),
    path("admin/segundo-paso/confirmar/", _page(admin.site.admin_view(confirm)), name=second_step.CONFIRM_ADDRESS),
    path("admin/auth/user/<int:user_id>/segundo-paso/", _page(admin.site.admin_view(reset)), name="reset-factors"),
]
"""URL patterns, which have to come before those of the admin."""
