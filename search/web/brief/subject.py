"""What a brief is about."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from studies.store.vocabularies import TermView
from studies.web.shared.bank_counts import BankVersion


@dataclass(frozen=True, slots=True)
class BriefSubject:
    """What a brief is about. `criteria` says in words how its studies were found; `address` is its own, whole.

    `record_url`, the record of the search, is empty if somebody picked the studies. `term` is the intervention or
    theme that is the only criterion. `unevaluated` is the code of the intervention that it is of, if nobody evaluated
    it, "" for any other subject.
    """

    title: str
    question: str
    criteria: str
    list_url: str
    record_url: str
    address: str
    on: datetime.date
    version: BankVersion
    unevaluated: str = ""
    term: TermView | None = None
