"""The forms of the sign-in and of one's own password, which say when they refuse."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import factors, limits, passkeys, security_log
from accounts.backends import note_refusal
from accounts.request_notes import notes_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NAME_LETTERS = 60
"""As the columns of `AuthenticatorApp` and `Passkey`."""


class SignInForm(AdminAuthenticationForm):
    """Name and password, in the sign-in and in the page of a session that ended."""

    def get_invalid_login_error(self) -> ValidationError:
        refusal = notes_of(self.request).refusal if self.request else None
        return ValidationError(refusal.message, code="refused") if refusal else super().get_invalid_login_error()


class OwnPasswordForm(AdminPasswordChangeForm):
    """The password of whoever is signed in: the old one may be tried as seldom as at the sign-in."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        with _counted_password(self.request, self.user):
            old: str = super().clean_old_password()
        return old

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        old, new = cleaned.get("old_password"), cleaned.get("new_password1")
        if old and old == new:
            self.add_error("new_password1", _("Es la contraseña de ahora. Elija otra."))
        return cleaned


class ConfirmPasswordForm(forms.Form):
    """The password once more, before the second factors of an account are changed."""

    password = forms.CharField(
        label="Contraseña",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        with _counted_password(self.request, self.user):
            if not self.user.check_password(password):
                raise ValidationError("No es su contraseña.", code="wrong")
        return password


class SecondStepForm(forms.Form):
    """A code of the app or of the printed list, or what a passkey answered. `factor` says which one was right."""

    code = forms.CharField(
        label="Código",
        required=False,
        max_length=40,
        help_text="Los seis números que muestra ahora su aplicación, o un código de su lista de recuperación.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.factor = ""

    def clean(self) -> dict[str, Any]:
        answer, code = self.cleaned_data.get("passkey"), self.cleaned_data.get("code")
        if answer:
            self._check_passkey(answer)
        elif code:
            self._check_code(code)
        elif "code" not in self.errors:
            self.add_error("code", "Escriba un código.")
        return self.cleaned_data

    def _check_passkey(self, answer: str) -> None:
        try:
            passkeys.use(self.request, self.user, answer)
        except passkeys.PasskeyRefused as refusal:
            self._note_failure({"factor": factors.PASSKEY, "reason": str(refusal)})
            raise ValidationError(
                "No se pudo comprobar la llave de acceso. Inténtelo otra vez.", code="wrong"
            ) from refusal
        self.factor = factors.PASSKEY

    def _check_code(self, code: str) -> None:
        try:
            factor = factors.use_code(self.request, self.user, code)
        except limits.TooManyFailures as refusal:
            note_refusal(self.request, refusal, self.user.get_username(), "second step refused")
            self.add_error("code", ValidationError(refusal.message, code="refused"))
            return
        if factor is None:
            self._note_failure({"factor": "code"})
            self.add_error("code", "Este código no corresponde o ya se usó. Espere a que su aplicación muestre otro.")
        self.factor = factor or ""

    def _note_failure(self, told: dict[str, str | int]) -> None:
        name = self.user.get_username()
        security_log.write("second step failed", self.request, name=name, level=logging.WARNING, told=told)


class NewFactorForm(forms.Form):
    """An app or a passkey that is added: its name, and the code that the app shows or what the passkey answered."""

    name = forms.CharField(
        label="Nombre",
        max_length=NAME_LETTERS,
        help_text="Para que usted lo reconozca después: «Mi celular», «Llave del escritorio».",
    )


class NewAppForm(NewFactorForm):
    code = forms.CharField(
        label="Código que muestra la aplicación",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class NewPasskeyForm(NewFactorForm):
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)


class ResetForm(forms.Form):
    """Why an administrator removes the second factors of somebody."""

    reason = forms.CharField(
        label="Motivo",
        min_length=10,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Qué pasó y cómo comprobó que se lo pide la persona misma. Queda en la historia de la cuenta.",
    )


@contextmanager
def _counted_password(request: HttpRequest, user: User) -> Iterator[None]:
    """Count a try of the password of whoever is signed in, and forget it if the block raises nothing."""
    name = user.get_username()
    try:
        attempt = limits.begin(request, name, limits.CHANGE_FORM)
    except limits.TooManyFailures as refusal:
        note_refusal(request, refusal, name, "password change refused")
        raise ValidationError(refusal.message, code="refused") from refusal
    yield
    attempt.forget()
