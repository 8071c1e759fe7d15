"""The second factors of a person, together: apps, passkeys and recovery codes. Adding, proving, removing, resetting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from accounts import limits, recovery_codes, second_step, security_log, sessions, totp
from accounts.models import AuthenticatorApp, Passkey, RecoveryCode

APP, RECOVERY_CODE, PASSKEY = "app", "recovery code", "passkey"
_MODELS: dict[str, type[AuthenticatorApp] | type[Passkey]] = {APP: AuthenticatorApp, PASSKEY: Passkey}


class LastFactor(Exception):
    """The only factor of an account cannot be removed where one is demanded."""


@dataclass(frozen=True, slots=True)
class Factor:
    """An app or a passkey, as its owner sees it. `kind` is APP or PASSKEY."""

    kind: str
    pk: int
    name: str
    added_at: datetime
    last_used_at: datetime | None

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}-{self.pk}"

    @property
    def is_passkey(self) -> bool:
        return self.kind == PASSKEY


def list_factors(user: User) -> list[Factor]:
    """Return the apps and passkeys of `user`, the oldest first. Two queries."""
    found = [
        Factor(kind, row.pk, row.name, row.added_at, row.last_used_at)
        for kind, model in _MODELS.items()
        for row in model.objects.filter(user=user)
    ]
    return sorted(found, key=lambda factor: factor.added_at)


def use_code(request: HttpRequest, user: User, typed: str) -> str | None:
    """Return APP or RECOVERY_CODE if `typed` is a code of `user` that was not used before, else None.

    Raises limits.TooManyFailures, before the code is looked at.
    """
    attempt = limits.begin(request, user.get_username(), limits.SECOND_STEP)
    code = "".join(typed.split())
    kind = APP if totp.use(user, code) else RECOVERY_CODE if recovery_codes.use(user, code) else None
    if kind:
        attempt.forget()
    return kind


def note_added(request: HttpRequest, user: User, kind: str) -> list[str]:
    """Finish adding a factor. With the first one the recovery codes are made, which are returned, to be shown once.

    The session at hand has proven the factor; the others end, as they have not.
    """
    security_log.write("second factor added", request, name=user.get_username(), told={"factor": kind})
    second_step.complete(request, user, kind)
    if RecoveryCode.objects.filter(user=user).exists():
        return []
    sessions.end_others(request, user)
    return recovery_codes.replace(user)


@transaction.atomic
def remove(request: HttpRequest, user: User, key: str) -> str | None:
    """Remove a factor by its `Factor.key` and return its name, or None if `user` has none of that key.

    With the last one the recovery codes go too. Raises LastFactor where the site demands one.
    """
    # Of two that remove at once the second waits, and sees what is left.
    User.objects.select_for_update().get(pk=user.pk)
    factors = list_factors(user)
    factor = next((each for each in factors if each.key == key), None)
    if factor is None:
        return None
    if len(factors) == 1:
        if settings.REQUIRE_SECOND_FACTOR:
            raise LastFactor
        RecoveryCode.objects.filter(user=user).delete()
    _MODELS[factor.kind].objects.filter(pk=factor.pk, user=user).delete()
    security_log.write("second factor removed", request, name=user.get_username(), told={"factor": factor.kind})
    return factor.name


@transaction.atomic
def reset(user: User, *, by: User, reason: str, request: HttpRequest | None = None) -> None:
    """Remove all factors of `user` and end the sessions. Who did it and why stays in the history of the account."""
    for model in (AuthenticatorApp, Passkey, RecoveryCode):
        model.objects.filter(user=user).delete()
    sessions.end_all(user)
    limits.unlock(user.get_username(), limits.SECOND_STEP)
    LogEntry.objects.log_actions(
        by.pk,
        [user],
        CHANGE,
        change_message=f"Quitó la verificación en dos pasos. Motivo: {reason}",
        single_object=True,
    )
    told: dict[str, str | int] = {"by": by.get_username() if request else "command", "reason": reason}
    security_log.write("second factor reset", request, name=user.get_username(), told=told)
