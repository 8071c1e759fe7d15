"""Passkeys (WebAuthn): what a browser is asked, and what it answers. The mathematics are those of `webauthn`.

A challenge is kept in the session, for one answer within CHALLENGE_S. Passkeys belong to the host of SITE_URL, and
the device has to check its owner, by a PIN, a finger or a face.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import Passkey

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHALLENGE_S = 300
MOST_LETTERS = 20_000
"""Longer answers of a browser are not read."""
MOST_CREDENTIAL_BYTES = 1_023
"""By the standard; PostgreSQL's index takes no text of more than 2,700."""
# What `webauthn` and the parsers under it raise for an answer that somebody made up.
_BAD_ANSWERS = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)
_ADD, _USE = "passkey_to_add", "passkey_to_use"


class PasskeyRefused(Exception):
    """What the browser answered proves nothing. The reason is for the log."""


@dataclass(frozen=True, slots=True)
class _Site:
    host: str
    origin: str


def are_possible(request: HttpRequest) -> bool:
    """Return True if browsers allow passkeys at the address of `request`: not for addresses of digits."""
    return _site(request) is not None


def options_to_add(request: HttpRequest, user: User) -> str:
    """Return what the browser is asked in order to make a passkey for `user`, as JSON."""
    site = _needed_site(request)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=settings.SECOND_FACTOR_ISSUER,
        # Authenticators keep it beside the key: a number that says nothing of the person.
        user_id=salted_hmac("accounts.passkeys", str(user.pk), algorithm="sha256").digest(),
        user_name=user.get_username(),
        exclude_credentials=_descriptors(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        timeout=CHALLENGE_S * 1000,
    )
    _keep(request, _ADD, options.challenge)
    return options_to_json(options)


def add(request: HttpRequest, user: User, name: str, answer: str) -> Passkey:
    """Add the passkey that the browser made. Raises PasskeyRefused."""
    site = _needed_site(request)
    challenge = _take(request, _ADD)
    try:
        proven = verify_registration_response(
            credential=_bounded(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        if len(proven.credential_id) > MOST_CREDENTIAL_BYTES:
            raise PasskeyRefused("identifier too long")
        with transaction.atomic():
            return Passkey.objects.create(
                user=user,
                name=name,
                credential=bytes_to_base64url(proven.credential_id),
                public_key=proven.credential_public_key,
                sign_count=proven.sign_count,
            )
    except (*_BAD_ANSWERS, IntegrityError) as error:
        raise PasskeyRefused(type(error).__name__) from error


def options_to_use(request: HttpRequest, user: User) -> str:
    """Return what the browser is asked in order to prove one of the passkeys of `user`, as JSON."""
    options = generate_authentication_options(
        rp_id=_needed_site(request).host,
        allow_credentials=_descriptors(user),
        user_verification=UserVerificationRequirement.REQUIRED,
        timeout=CHALLENGE_S * 1000,
    )
    _keep(request, _USE, options.challenge)
    return options_to_json(options)


def use(request: HttpRequest, user: User, answer: str) -> None:
    """Check the answer of the browser by the passkeys of `user`. Raises PasskeyRefused."""
    site = _needed_site(request)
    challenge = _take(request, _USE)
    try:
        given = parse_authentication_credential_json(_bounded(answer))
        row = Passkey.objects.get(user=user, credential=bytes_to_base64url(given.raw_id))
        proven = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (*_BAD_ANSWERS, Passkey.DoesNotExist) as error:
        raise PasskeyRefused(type(error).__name__) from error
    # A copy of the key that is used at the same time has the same count. Many devices always say 0.
    same = Passkey.objects.filter(pk=row.pk, sign_count=row.sign_count)
    if not same.update(sign_count=proven.new_sign_count, last_used_at=timezone.now()):
        raise PasskeyRefused("used at the same time")


def _site(request: HttpRequest) -> _Site | None:
    if settings.IS_PUBLIC:
        # From the settings, never from the request: any name that answers would do for the Host header.
        parts = urlsplit(settings.SITE_URL)
        host = parts.hostname or ""
        # A browser leaves the usual port out.
        return _Site(host, f"https://{host}" if parts.port in (None, 443) else f"https://{host}:{parts.port}")
    host = request.get_host()
    # Browsers count localhost as safe without TLS, and take no address of digits for the name of a site.
    is_local = host.partition(":")[0] == "localhost"
    return _Site("localhost", f"{request.scheme}://{host}") if is_local else None


def _needed_site(request: HttpRequest) -> _Site:
    site = _site(request)
    if site is None:
        raise PasskeyRefused("no name of a host")
    return site


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    rows = Passkey.objects.filter(user=user)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in rows]


def _keep(request: HttpRequest, purpose: str, challenge: bytes) -> None:
    request.session[purpose] = [bytes_to_base64url(challenge), int(time.time())]


def _take(request: HttpRequest, purpose: str) -> bytes:
    """Return the challenge that was kept, which is good for this one answer."""
    challenge, kept_at = request.session.pop(purpose, ["", 0])
    if time.time() - kept_at > CHALLENGE_S:
        raise PasskeyRefused("no challenge, or too old")
    return base64url_to_bytes(challenge)


def _bounded(answer: str) -> str:
    if len(answer) > MOST_LETTERS:
        raise ValueError("too long")
    return answer
