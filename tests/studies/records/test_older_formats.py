"""Records of format 1 stay readable, say nothing that they did not say, and are known by their old fingerprints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studies.records.appraisal import InstrumentRecord
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import (
    format_1_fingerprint,
    in_current_format,
    is_as_loaded,
    read_stored,
    require_current_format,
    require_current_instrument,
    require_current_taxonomy,
)
from studies.records.rules import find_problems
from studies.records.study import InterventionRecord, StudyRecord, fingerprint

OLD: dict[str, Any] = {
    "id": "made-up-2020-trial",
    "title": "A made-up trial",
    "themes": ["prevention"],
    "interventions": ["parenting", "engaging-men"],
    "outcomes": ["ipv-any", "attitudes"],
    "populations": [],
    "settings": [],
    "designs": ["cluster-rct"],
    "countries": ["PE"],
    "authors": [{"family": "Quispe", "given": "Ana"}],
    "year": 2020,
    "findings": [
        {
            "outcome": "ipv-any",
            "interventions": ["parenting", "engaging-men"],
            "effect": "favourable",
            "measure": "odds ratio",
            "value": 0.5,
        },
        {"outcome": "attitudes", "effect": "no-effect"},
    ],
    "sources": [{"url": "https://example.org/a", "supports": ["findings"]}],
    "appraisals": [
        {
            "instrument": "rob-2",
            "overall": "low",
            "certainty": "low",
            "appraised_on": "2026-01-02",
            "appraisers": 2,
            "judgements": [{"domain": "d1", "level": "low", "page": "3"}],
        }
    ],
}
FINGERPRINT_OF_FORMAT_1 = "b93af54194efc3f9797edd3372f8cbe8"
"""What the last version of format 1 printed for OLD."""

OLD_INSTRUMENT: dict[str, Any] = {
    "id": "made-up",
    "name": "Made up",
    "version": "1",
    "es": "para ensayos",
    "en": "for trials",
    "citation": "Nobody",
    "url": "https://example.org/i",
    "designs": ["rct"],
    "domains": [{"code": "d1", "es": "Uno", "en": "One"}],
    "levels": [
        {"code": "low", "es": "Bajo", "en": "Low", "risk_of_bias": "low"},
        {"code": "none", "es": "No", "en": "No"},
    ],
    "overall": [{"code": "low", "es": "Bajo", "en": "Low", "risk_of_bias": "low"}],
}
INSTRUMENT_FINGERPRINT_OF_FORMAT_1 = "8e9e19b569898722fa1926f4e55f6edf"


class TestReading:
    def test_an_intervention_comes_without_a_role(self):
        assert read_stored(OLD).interventions == (
            InterventionRecord("parenting"),
            InterventionRecord("engaging-men"),
        )

    def test_a_finding_with_interventions_is_about_them(self):
        first, second = read_stored(OLD).findings
        assert first.about == ("parenting", "engaging-men")
        assert second.about is None

    def test_its_appraisals_are_the_banks_own(self):
        record = read_stored(OLD)
        assert [one.risk_of_bias for one in record.own_appraisals] == ["low"]
        assert record.appraisals == ()

    def test_a_record_of_today_reads_as_it_is(self):
        today = read_stored(OLD).to_json()
        assert in_current_format(today) is today
        assert read_stored(today).to_json() == today

    def test_it_cannot_be_published_before_somebody_chose_the_roles(self):
        record = read_stored(OLD)
        assert [p.field for p in find_problems(record) if p.code == "role-missing"] == [
            "interventions[0].role",
            "interventions[1].role",
        ]
        chosen = replace(record, interventions=tuple(replace(each, role="evaluated") for each in record.interventions))
        assert not [problem for problem in find_problems(chosen) if problem.code == "role-missing"]

    @pytest.mark.parametrize(
        "broken", [{"interventions": [1]}, {"findings": "none"}, {"findings": [3]}, {"appraisals": [["certainty"]]}]
    )
    def test_what_is_no_record_is_refused_in_words(self, broken: dict[str, Any]):
        with pytest.raises(RecordInvalid):
            read_stored({**OLD, **broken})


class TestAFileOfFormat1:
    def test_is_refused_with_what_to_do(self):
        with pytest.raises(RecordInvalid, match=r'line 3: is written in format 1.*"role".*docs/data\.md'):
            require_current_format(OLD, "line 3")

    def test_so_are_instruments_and_vocabularies(self):
        levels = [{"code": "low", "es": "Bajo", "en": "Low", "certainty": "low"}]
        with pytest.raises(RecordInvalid, match=r'rob-2: is written in format 1.*"risk_of_bias".*docs/data\.md'):
            require_current_instrument({"levels": levels}, "rob-2")
        with pytest.raises(RecordInvalid, match=r"is written in format 1.*take the taxonomy\.json"):
            require_current_taxonomy({"certainty": []}, "taxonomy.json")

    def test_of_today_is_taken(self):
        require_current_format(read_stored(OLD).to_json())
        require_current_instrument(OLD_INSTRUMENT)
        require_current_taxonomy({"risk_of_bias": []})


class TestFingerprints:
    def test_an_unedited_record_has_the_one_that_format_1_gave_it(self):
        assert format_1_fingerprint(read_stored(OLD)) == FINGERPRINT_OF_FORMAT_1

    def test_both_fingerprints_tell_that_nobody_edited_it(self):
        record = read_stored(OLD)
        assert is_as_loaded(record, FINGERPRINT_OF_FORMAT_1)
        assert is_as_loaded(record, fingerprint(record))
        assert not is_as_loaded(replace(record, title="Another title"), FINGERPRINT_OF_FORMAT_1)
        assert not is_as_loaded(record, "")

    def test_so_has_an_instrument(self):
        assert format_1_fingerprint(InstrumentRecord.from_json(OLD_INSTRUMENT)) == INSTRUMENT_FINGERPRINT_OF_FORMAT_1

    @pytest.mark.parametrize(
        "edited",
        [
            {"title": "Another title"},
            {"interventions": (InterventionRecord("parenting", "evaluated"), InterventionRecord("engaging-men"))},
            {"exposures": ("lockdown",)},
            {"note_es": "Una nota.", "note_en": "A note."},
        ],
    )
    def test_an_edited_record_has_another_or_none(self, edited: dict[str, Any]):
        record: StudyRecord = replace(read_stored(OLD), **edited)
        assert format_1_fingerprint(record) != FINGERPRINT_OF_FORMAT_1
