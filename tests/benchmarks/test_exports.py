"""The short form of benchmarks/exports.py: the bank of the tests, every format; and that the counting counts."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import pytest

from benchmarks import exports
from studies.exports.options import ExportOptions
from studies.exports.registry import EXPORTS
from tests.studies.records_factory import complete_record


class TestCounting:
    @pytest.mark.parametrize("ext", EXPORTS)
    def test_every_format_is_counted_as_it_is_written(self, ext):
        records = [complete_record(id=f"study-{number}") for number in range(7)]
        asked = ExportOptions(on=datetime.date(2026, 11, 26))
        content = b"".join(EXPORTS[ext].write(records, asked))
        assert exports.COUNTS[ext](io.BytesIO(content)) == 7


class TestShortForm:
    def test_all_studies_are_in_every_file(self, set_up_bank: Path):
        told = exports.measure(set_up_bank, None)
        assert {file["ext"] for file in told["files"]} == set(EXPORTS)
        assert {file["studies"] for file in told["files"]} == {told["studies"]}
        assert told["studies"] > 300
