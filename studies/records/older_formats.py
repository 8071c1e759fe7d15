"""Reads studies that were written in an older version of the exchange format: revisions, proposals, drafts of imports.

Each format has one function that turns its JSON into that of the next. `docs/data.md` tells what changed. Pure.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from studies.records.appraisal import InstrumentRecord
from studies.records.json_fields import RecordInvalid
from studies.records.json_record import Json
from studies.records.study import AnyRecord, StudyRecord, canonical_json, fingerprint, hash_of

FORMAT = 2
"""The format that StudyRecord reads and writes."""


def read_stored(record: Json) -> StudyRecord:
    """Return a record that the bank itself once wrote, in whatever format. Raises RecordInvalid."""
    return StudyRecord.from_json(in_current_format(record))


def in_current_format(record: Json) -> Json:
    """Return the JSON that says the same in FORMAT: itself where it is of that format already.

    An intervention of format 1 comes without a role: nobody has said yet what the study does with it.
    """
    return _from_format_1(record) if is_format_1(record) else record


def format_1_fingerprint(record: AnyRecord) -> str | None:
    """Return the fingerprint that format 1 gave this record; None if it says something that format 1 could not.

    By it `is_as_loaded` knows a row that nobody has edited since a version of format 1 loaded it.
    """
    written: Json | None = canonical_json(record)
    if isinstance(record, StudyRecord):
        written = _to_format_1(written or {})
    if isinstance(record, InstrumentRecord) and written is not None:
        for level in (*written["levels"], *written["overall"]):
            _rename(level, "risk_of_bias", "certainty")
    return hash_of(written) if written is not None else None


def is_as_loaded(record: AnyRecord, loaded_hash: str) -> bool:
    """Return True if a record is still as the fixtures of hash `loaded_hash` said, whatever their format was (R9)."""
    return loaded_hash in (fingerprint(record), format_1_fingerprint(record))


def is_format_1(record: Json) -> bool:
    """Return True if a study's JSON can only be of format 1.

    The format stands nowhere in a record; a record that holds none of what changed reads the same in both.
    """
    return (
        any(isinstance(code, str) for code in _rows(record, "interventions"))
        or any("interventions" in finding for finding in _objects(record, "findings"))
        or any("certainty" in appraisal for appraisal in _objects(record, "appraisals"))
    )


def require_current_format(record: Json, path: str = "") -> None:
    """Raise RecordInvalid, saying what to do, for a study's JSON of format 1: nobody may guess the roles."""
    if is_format_1(record):
        raise RecordInvalid(
            path,
            f"is written in format 1, and this version reads format {FORMAT}: give each intervention its role, "
            'as {"code": "advocacy-casework", "role": "evaluated"}, rename "interventions" of findings to "about" '
            'and "appraisals" to "own_appraisals" (docs/data.md)',
        )


def require_current_instrument(record: Json, path: str = "") -> None:
    """Raise RecordInvalid, saying what to do, for the JSON of an instrument of format 1."""
    levels = (*_objects(record, "levels"), *_objects(record, "overall"))
    if any("certainty" in level for level in levels):
        raise RecordInvalid(
            path,
            f"is written in format 1, and this version reads format {FORMAT}: "
            'rename "certainty" of levels to "risk_of_bias" (docs/data.md)',
        )


def require_current_taxonomy(vocabularies: Container[str], path: str = "") -> None:
    """Raise RecordInvalid, saying what to do, for a taxonomy of format 1, by the names of its vocabularies."""
    if "certainty" in vocabularies:
        raise RecordInvalid(
            path,
            f"is written in format 1, and this version reads format {FORMAT}: take the taxonomy.json of this version, "
            'with the codes of your own added; "certainty" is "risk_of_bias" (docs/data.md)',
        )


def _from_format_1(record: Json) -> Json:
    """Rename what has another name. What is no list stays as it is: StudyRecord refuses it in words."""
    readers = {"interventions": _intervention, "findings": _finding, "appraisals": _own_appraisal}
    upgraded = {
        key: [readers[key](row) for row in value] if key in readers and isinstance(value, list | tuple) else value
        for key, value in record.items()
    }
    _rename(upgraded, "appraisals", "own_appraisals")
    return upgraded


def _intervention(code: Any) -> Any:
    return {"code": code} if isinstance(code, str) else code


_KEYS_OF_FORMAT_1 = frozenset(
    {
        *("id", "title", "language", "title_es", "title_en", "authors", "year", "type", "container_title", "volume"),
        *("issue", "pages", "publisher", "number", "doi", "url", "open_access", "status", "themes", "interventions"),
        *("outcomes", "populations", "settings", "programme", "designs", "countries", "sample_size", "sample_unit"),
        *("period", "key_finding_es", "key_finding_en", "summary_es", "summary_en", "findings"),
        *("limitations_es", "limitations_en", "sources", "appraisals"),
    }
)
_FINDING_KEYS_OF_FORMAT_1 = frozenset(
    {
        *("outcome", "interventions", "effect", "statement_es", "statement_en", "measure", "unit", "value"),
        *("ci_low", "ci_high", "ci_level", "p", "follow_up", "follow_up_months"),
    }
)


def _to_format_1(written: Json) -> Json | None:
    """Return what format 1 wrote for the canonical JSON of a study; None where it had no words for it."""
    if written.get("appraisals") or any("role" in each for each in written["interventions"]):
        return None
    if any(finding.get("about") == [] for finding in written["findings"]):
        return None
    written["interventions"] = sorted(each["code"] for each in written["interventions"])
    for finding in written["findings"]:
        _rename(finding, "about", "interventions")
    for appraisal in written.get("own_appraisals", ()):
        _rename(appraisal, "risk_of_bias", "certainty")
    _rename(written, "own_appraisals", "appraisals")
    written = {key: value for key, value in written.items() if value or key in _KEYS_OF_FORMAT_1}
    is_known = written.keys() <= _KEYS_OF_FORMAT_1 and all(
        finding.keys() <= _FINDING_KEYS_OF_FORMAT_1 for finding in written["findings"]
    )
    return written if is_known else None


def _rename(row: Json, key: str, into: str) -> None:
    if key in row:
        row[into] = row.pop(key)


def _finding(finding: Any) -> Any:
    if not isinstance(finding, dict) or "interventions" not in finding:
        return finding
    # Without interventions of its own a finding spoke of the whole study, as one without `about` does now.
    about = {"about": finding["interventions"]} if finding["interventions"] else {}
    return {key: value for key, value in finding.items() if key != "interventions"} | about


def _own_appraisal(appraisal: Any) -> Any:
    if not isinstance(appraisal, dict) or "certainty" not in appraisal:
        return appraisal
    rest = {key: value for key, value in appraisal.items() if key != "certainty"}
    return {**rest, "risk_of_bias": appraisal["certainty"]}


def _rows(record: Json, key: str) -> list[Any]:
    rows = record.get(key)
    return list(rows) if isinstance(rows, list | tuple) else []


def _objects(record: Json, key: str) -> list[Json]:
    return [row for row in _rows(record, key) if isinstance(row, dict)]
