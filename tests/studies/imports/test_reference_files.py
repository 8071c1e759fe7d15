"""The folder of files: each has the outcome that stands beside it, and nothing is written but what is new."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from studies.models import ImportBatch, Revision, Study
from tests.studies.reference_files import FILES, ReferenceFile
from tests.thorough import mainly

pytestmark = pytest.mark.django_db
READABLE = [file for file in FILES if not file.refused]


def imported(file: ReferenceFile, folder: Path, *options: str) -> dict[str, Any]:
    """Run the command on a file and return its report."""
    path = folder / file.name
    path.write_bytes(file.make())
    printed = io.StringIO()
    call_command("import_references", str(path), "--json", *options, stdout=printed)
    report: dict[str, Any] = json.loads(printed.getvalue())
    return report


class TestTheFolder:
    def test_it_has_forty_files_or_more_with_names_of_their_own(self):
        assert len({file.name for file in FILES}) == len(FILES) >= 40

    @pytest.mark.parametrize("file", [f for f in FILES if f.refused], ids=lambda file: file.name)
    def test_each_unreadable_file_is_refused_in_words(self, file: ReferenceFile, tmp_path: Path):
        with pytest.raises(CommandError, match=file.refused):
            imported(file, tmp_path)
        assert not ImportBatch.objects.exists()


class TestWriting:
    @pytest.mark.parametrize("file", mainly(12, READABLE), ids=lambda file: file.name)
    def test_each_readable_file_has_its_outcome_and_a_second_import_of_it_creates_nothing(
        self, file: ReferenceFile, tmp_path: Path
    ):
        before = Study.objects.count()
        report = imported(file, tmp_path)
        rows = report["rows"]
        assert report["counts"] == file.counts
        assert [(row["row"], row["field"] or "") for row in rows if row["outcome"] == "error"] == list(file.errors)
        told = " ".join(note for row in rows for note in row["notes"])
        assert all(words in told for words in file.notes)
        assert all(row["reason"] for row in rows if row["outcome"] != "new")
        made = [row["made"] for row in rows if row["made"]]
        assert report["written"] == len(made) == file.new
        assert Study.objects.count() - before == file.new
        assert set(Study.objects.filter(slug__in=made).values_list("stage", flat=True)) <= {"draft"}
        assert Revision.objects.filter(study__slug__in=made).count() == file.new
        again = imported(file, tmp_path)
        assert again["counts"] == {**file.counts, "new": 0, "duplicate": file.duplicate + file.new}
        assert Study.objects.count() - before == file.new

    def test_a_dry_run_leaves_nothing(self, tmp_path: Path):
        before = Study.objects.count()
        report = imported(FILES[0], tmp_path, "--dry-run")
        assert (report["dry_run"], report["batch"], report["written"]) == (True, None, 0)
        assert (Study.objects.count(), ImportBatch.objects.count()) == (before, 0)
