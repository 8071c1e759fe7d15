"""Parses OAI-PMH requests: verbs, arguments, dates, and the error code of each that is refused. Pure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

ErrorCode = Literal[
    "badVerb",
    "badArgument",
    "badResumptionToken",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noRecordsMatch",
    "noMetadataFormats",
    "noSetHierarchy",
]


class OaiError(Exception):
    """A request that is answered by an error element; the HTTP status stays 200."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: ErrorCode = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Verb:
    """The required and optional arguments of a verb. `is_paged`: a resumption token may replace all of them."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    is_paged: bool = False


_SELECTIVE = frozenset({"from", "until", "set"})
VERBS: Mapping[str, Verb] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=frozenset({"identifier"})),
    "ListSets": Verb(is_paged=True),
    "ListIdentifiers": Verb(frozenset({"metadataPrefix"}), _SELECTIVE, is_paged=True),
    "ListRecords": Verb(frozenset({"metadataPrefix"}), _SELECTIVE, is_paged=True),
    "GetRecord": Verb(frozenset({"identifier", "metadataPrefix"})),
}
TOKEN = "resumptionToken"  # nosec B105: the name of an argument of the protocol

# As in the protocol's schema: a response that echoes any other value would not be valid.
_UNRESERVED = r"[A-Za-z0-9\-_.!~*'()]+"
_SYNTAX: Mapping[str, re.Pattern[str]] = {
    "metadataPrefix": re.compile(_UNRESERVED),
    "set": re.compile(rf"{_UNRESERVED}(?::{_UNRESERVED})*"),
    "identifier": re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+"),
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True)
class DatestampRange:
    """A range of datestamps: `since` is included, `before` is not; None for an open end."""

    since: datetime.datetime | None = None
    before: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class OaiRequest:
    """A valid request: its verb and its other arguments."""

    verb: str
    arguments: Mapping[str, str] = field(default_factory=dict)


def parse_request(given: Mapping[str, Sequence[str]]) -> OaiRequest:
    """Parse the arguments of a request, each with all values that were sent. Raises OaiError."""
    verbs = given.get("verb", ())
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise OaiError("badVerb", f"One verb is needed, of: {', '.join(VERBS)}.")
    verb = VERBS[verbs[0]]
    arguments = {name: values for name, values in given.items() if name != "verb"}
    for name, values in arguments.items():
        if len(values) != 1:
            raise OaiError("badArgument", f"{_safe_name(name)} is given more than once.")
        if name not in _allowed_arguments(verb):
            raise OaiError("badArgument", f"{verbs[0]} takes no {_safe_name(name)}.")
        if name in _SYNTAX and not _SYNTAX[name].fullmatch(values[0]):
            raise OaiError("badArgument", f"{name} is not written as the protocol says.")
    if TOKEN in arguments and len(arguments) > 1:
        raise OaiError("badArgument", "A resumptionToken is given alone.")
    missing = verb.required - arguments.keys()
    if missing and TOKEN not in arguments:
        raise OaiError("badArgument", f"{verbs[0]} needs {', '.join(sorted(missing))}.")
    request = OaiRequest(verbs[0], {name: values[0] for name, values in arguments.items()})
    parse_range(request.arguments)
    return request


def parse_range(arguments: Mapping[str, str]) -> DatestampRange:
    """Parse `from` and `until`: both days or both seconds in UTC, both inclusive. Raises OaiError."""
    given = {name: arguments[name] for name in ("from", "until") if name in arguments}
    if len({len(text) for text in given.values()}) > 1:
        raise OaiError("badArgument", "from and until are of the same granularity.")
    moments = {name: _parse_moment(name, text) for name, text in given.items()}
    if len(moments) == 2 and moments["from"] > moments["until"]:
        raise OaiError("badArgument", "from is not later than until.")
    until = moments.get("until")
    step = (
        datetime.timedelta(seconds=1) if len(given.get("until", "")) > len("YYYY-MM-DD") else datetime.timedelta(days=1)
    )
    try:
        before = until + step if until else None
    except OverflowError:  # the last day that there is
        before = None
    return DatestampRange(moments.get("from"), before)


def format_datestamp(moment: datetime.datetime) -> str:
    """Format a time as the protocol does: in UTC, to the second."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _allowed_arguments(verb: Verb) -> frozenset[str]:
    return verb.required | verb.optional | ({TOKEN} if verb.is_paged else frozenset())


def _parse_moment(name: str, text: str) -> datetime.datetime:
    if _DAY.fullmatch(text) or _SECOND.fullmatch(text):
        try:
            return datetime.datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=datetime.UTC)
        except ValueError:
            pass  # the thirtieth of February: told below
    raise OaiError("badArgument", f"{name} is a day (2026-11-27) or a second of UTC (2026-11-27T15:04:05Z).")


def _safe_name(name: str) -> str:
    return name if re.fullmatch("[A-Za-z]{1,30}", name) else "an argument"
