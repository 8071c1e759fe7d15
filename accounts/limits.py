"""How often a wrong password may be tried, and how long one waits after that. Counted in the database for all hosts.

Four rules, each on failures only:

- a browser that has signed in to the account before: DEVICE_LIMIT in WINDOW, whatever strangers do elsewhere;
- an account from one network: PAIR_LIMIT in WINDOW;
- an account from all networks together: after ACCOUNT_LIMIT in a day a pause that doubles with each failure, up to
  LONGEST_PAUSE. Networks from which the person has signed in are spared, so that no stranger can keep anybody out;
- a network, whatever the accounts: NETWORK_LIMIT in WINDOW, HOUSE_LIMIT for the networks of the house.

Codes of the second step count by themselves. Neither a known browser nor a known network is spared there: whoever has
stolen the password gets the cookie of a known browser with it.

An attempt is counted before the password is checked and forgotten if it was right, so that many at once do not all pass
before the first has failed. Refused attempts are not counted: a lock always ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import devices
from accounts.models import FailedAttempt, SignIn
from accounts.networks import is_of_house, network_of

SIGN_IN = "sign-in"
CHANGE_FORM = "password-change"
SECOND_STEP = "second-step"

WINDOW = timedelta(minutes=30)
DEVICE_LIMIT = 5
PAIR_LIMIT = 5
NETWORK_LIMIT = 30
HOUSE_LIMIT = 1_000
DAY = timedelta(days=1)
ACCOUNT_LIMIT = 20
LONGEST_PAUSE = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=90)
"""For how long after a sign-in its network is known as one of that person's."""


class TooManyFailures(Exception):
    """An attempt is refused unseen. `rule` is "device", "pair", "account" or "network"."""

    is_of_code = False

    def __init__(self, rule: str, wait: timedelta) -> None:
        super().__init__(rule)
        self.rule = rule
        self.retry_after_s = max(1, round(wait.total_seconds()))

    @property
    def message(self) -> str:
        """What the person reads. It is the same for each rule and for names that nobody has."""
        minutes = -(-self.retry_after_s // 60)
        return (
            (
                _("Hubo varios intentos seguidos con un código que no corresponde.")
                if self.is_of_code
                else _("Hubo varios intentos seguidos con una contraseña que no corresponde.")
            )
            + " "
            + ngettext(
                "Espere un minuto y vuelva a intentarlo, o pida ayuda a quien administra el banco.",
                "Espere %(minutes)s minutos y vuelva a intentarlo, o pida ayuda a quien administra el banco.",
                minutes,
            )
            % {"minutes": minutes}
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that counts as failed until `forget` is called."""

    row: FailedAttempt

    def forget(self) -> None:
        """The secret was right: forget this attempt, and the failures of this person before it."""
        mine = FailedAttempt.objects.filter(account=self.row.account, network=self.row.network)
        if self.row.device:
            mine = mine | FailedAttempt.objects.filter(account=self.row.account, device=self.row.device)
        mine.delete()


def begin(request: HttpRequest, name: str, what: str = SIGN_IN) -> Attempt:
    """Count one more attempt at the account `name`. Raises TooManyFailures if it may not be made now."""
    address = request.META.get("REMOTE_ADDR", "")
    now = timezone.now()
    row = FailedAttempt.objects.create(
        account=account_key(name, what),
        network=network_of(address),
        device="" if what == SECOND_STEP else devices.device_of(request, account_key(name)),
        at=now,
    )
    try:
        if row.device:
            _check_device(row)
        else:
            _check_pair(row)
            _check_account(row, "" if what == SECOND_STEP else name)
            _check_network(row, HOUSE_LIMIT if is_of_house(address) else NETWORK_LIMIT)
    except TooManyFailures as refusal:
        row.delete()
        refusal.is_of_code = what == SECOND_STEP
        raise
    return Attempt(row)


def account_key(name: str, what: str = SIGN_IN) -> str:
    """Return the key under which attempts at the account `name` are counted: a keyed hash of 64 letters."""
    return salted_hmac("accounts.limits", f"{what}:{name}", algorithm="sha256").hexdigest()


def unlock(name: str, *whats: str) -> None:
    """Forget the failures for the account `name`: those with a password, or those of `whats`."""
    keys = [account_key(name, what) for what in whats or (SIGN_IN, CHANGE_FORM)]
    FailedAttempt.objects.filter(account__in=keys).delete()


def forget_old_failures() -> int:
    """Delete the failures that no rule counts any more. Return how many."""
    return FailedAttempt.objects.filter(at__lt=timezone.now() - DAY).delete()[0]


def _check_device(row: FailedAttempt) -> None:
    before = _before(row, WINDOW).filter(account=row.account, device=row.device)
    _refuse_beyond(before, DEVICE_LIMIT, "device", row.at)


def _check_pair(row: FailedAttempt) -> None:
    before = _before(row, WINDOW).filter(account=row.account, network=row.network, device="")
    _refuse_beyond(before, PAIR_LIMIT, "pair", row.at)


def _check_account(row: FailedAttempt, spared: str) -> None:
    """Refuse by the rule for all networks together, but for a network from which `spared` has signed in."""
    before = _before(row, DAY).filter(account=row.account, device="")
    beyond = before.count() - ACCOUNT_LIMIT
    if beyond < 0:
        return
    # Ten doublings of a second are more than the longest pause; 2 to the power of a thousand is no number of seconds.
    pause = min(timedelta(seconds=2 ** min(beyond, 10)), LONGEST_PAUSE)
    wait = before.latest("at").at + pause - row.at
    if wait > timedelta(0) and not _has_signed_in_from(row.network, spared, row.at):
        raise TooManyFailures("account", wait)


def _check_network(row: FailedAttempt, limit: int) -> None:
    _refuse_beyond(_before(row, WINDOW).filter(network=row.network, device=""), limit, "network", row.at)


def _before(row: FailedAttempt, period: timedelta) -> QuerySet[FailedAttempt]:
    # By number, not by time: of two at once one comes before the other.
    return FailedAttempt.objects.filter(at__gte=row.at - period, pk__lt=row.pk)


def _refuse_beyond(before: QuerySet[FailedAttempt], limit: int, rule: str, now: datetime) -> None:
    newest = before.order_by("-pk").values_list("at", flat=True)[limit - 1 : limit]
    for at in newest:
        raise TooManyFailures(rule, at + WINDOW - now)


def _has_signed_in_from(network: str, name: str, now: datetime) -> bool:
    return SignIn.objects.filter(user__username=name, network=network, at__gte=now - KNOWN_FOR).exists()
