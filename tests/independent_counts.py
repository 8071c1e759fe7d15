"""Counts evaluations from the JSON of the fixtures, by the rule of docs/data.md and without the product's code.

For every intervention, and for every intervention and outcome: which evaluations there are. Pages, files and the API
are held against these numbers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


@cache
def bank() -> tuple[dict[str, Any], dict[str, list[str]], dict[str, str]]:
    """Read the studies by id, the trials of each, and the family of each design."""
    lines = (FIXTURES / "studies.jsonl").read_text(encoding="utf-8").split("\n")
    studies = {row["id"]: row for row in map(json.loads, filter(None, lines))}
    trials = defaultdict(list)
    for group in json.loads((FIXTURES / "evaluations.json").read_text(encoding="utf-8")):
        if group["kind"] == "trial":
            for study in group["studies"]:
                trials[study].append(group["id"])
    taxonomy = json.loads((FIXTURES / "taxonomy.json").read_text(encoding="utf-8"))
    return studies, dict(trials), {design["code"]: design["family"] for design in taxonomy["designs"]}


def is_counted(study: Any) -> bool:
    family = bank()[2][study["designs"][0]]
    return study["status"] == "completed" and family in ("randomised", "quasi-experimental")


def tested(study: Any) -> list[str]:
    return [each["code"] for each in study["interventions"] if each["role"] in ("evaluated", "component")]


@cache
def evaluations() -> dict[str, set[str]]:
    """Return the evaluations of each intervention: a trial by its id, else the study by its own."""
    studies, trials, _families = bank()
    found: dict[str, set[str]] = defaultdict(set)
    for id_, study in studies.items():
        if not is_counted(study):
            continue
        own = trials.get(id_, [])
        for code in tested(study):
            if len(own) < 2:
                found[code].add(own[0] if own else id_)
        for trial in own if len(own) > 1 else ():
            for finding in study["findings"]:
                if finding.get("trial") == trial:
                    for code in finding.get("about", tested(study)):
                        if code in tested(study):
                            found[code].add(trial)
    return dict(found)


@cache
def evaluations_by_outcome() -> dict[tuple[str, str], set[str]]:
    """Return the evaluations that measured an outcome of an intervention.

    A finding says so of the interventions that it is about; an outcome without any finding was measured of all that
    the study tests.
    """
    studies, trials, _families = bank()
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for id_, study in studies.items():
        if not is_counted(study):
            continue
        own = trials.get(id_, [])
        for finding in study["findings"]:
            if len(own) > 1 and finding.get("trial") not in own:
                continue
            name = finding["trial"] if len(own) > 1 else (own[0] if own else id_)
            for code in finding.get("about", tested(study)):
                if code in tested(study):
                    found[code, finding["outcome"]].add(name)
        if len(own) < 2:
            without = set(study["outcomes"]) - {finding["outcome"] for finding in study["findings"]}
            for code in tested(study):
                for outcome in without:
                    found[code, outcome].add(own[0] if own else id_)
    return dict(found)
