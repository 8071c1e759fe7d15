"""Rows behind sign-ins. None holds anything that was typed into a form: a mistyped password is nearly the right one.

No page of the admin shows them, so that no role needs a permission for them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class FailedAttempt(models.Model):
    """One wrong password. It is written before the password is checked, and deleted if the password is right."""

    account = models.CharField(max_length=64)
    """A keyed hash of what the person was trying and the typed name: some type their password into that field."""
    network = models.CharField(max_length=64)
    device = models.CharField(max_length=32, blank=True)
    """The code in the cookie of a browser that has signed in to this account before; else empty."""
    at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["account", "at"], name="failedattempt_account"),
            models.Index(fields=["network", "at"], name="failedattempt_network"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.at:%Y-%m-%d %H:%M:%S}"


class SignIn(models.Model):
    """One successful sign-in, with its session for as long as that is open."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)
    network = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["user", "at"], name="signin_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.at:%Y-%m-%d %H:%M:%S}"


class RequiredPasswordChange(models.Model):
    """A person whose password others have seen: the workplace opens once they have chosen another."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


class AuthenticatorApp(models.Model):
    """An app that makes a code of six digits every half minute. The key is not kept here, see `accounts.totp`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator_apps")
    name = models.CharField(max_length=60)
    seed = models.CharField(max_length=40, unique=True)
    last_step = models.BigIntegerField()
    """The half minute of the last code that was taken: no code is taken twice, nor one from before."""
    added_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Passkey(models.Model):
    """A passkey (WebAuthn): the public half of a key that stays in somebody's phone, computer or security key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential = models.TextField(unique=True)
    """The identifier that the device gave, in base64url."""
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    added_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """One code on a person's printed list, as a password hash. It is good for one sign-in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    number = models.PositiveSmallIntegerField()
    """The code begins with it, so that a try costs one slow hash, not one for each code of the list."""
    digest = models.CharField(max_length=128)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "number"], name="recoverycode_number")]

    def __str__(self) -> str:
        return str(self.number)
