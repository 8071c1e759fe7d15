"""The command that writes a list into a file."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
import rispy
from django.core.management import CommandError, call_command

from search.index import indexing
from studies.models import Stage
from tests.factories import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]


def run(tmp_path, *given: str) -> bytes:
    file = tmp_path / "list"
    call_command("export_citations", *given, "--output", str(file))
    return file.read_bytes()


class TestExportCitations:
    def test_writes_what_the_page_gives(self, client, tmp_path):
        query = "theme=autonomy&year_from=2024&sort=title"
        page = b"".join(client.get(f"/en/studies/export.ris?{query}").streaming_content)
        assert run(tmp_path, "ris", query, "--language", "en") == page

    def test_without_criteria_it_writes_all(self, tmp_path):
        from studies.models import Study

        found = rispy.loads(run(tmp_path, "ris").decode())
        assert len(found) == Study.objects.published().count() > 300

    def test_takes_a_style(self, tmp_path):
        text = run(tmp_path, "txt", "q=sasa", "--style", "vancouver").decode()
        assert "\r\n1. " in text
        assert "Vancouver" in text

    def test_writes_to_standard_output(self, monkeypatch):
        out = io.BytesIO()
        monkeypatch.setattr("sys.stdout", SimpleNamespace(buffer=out, write=out.write, flush=out.flush))
        call_command("export_citations", "csv", "q=sasa")
        assert out.getvalue().startswith(b"\xef\xbb\xbfid,title")

    def test_leaves_out_what_is_not_published(self, tmp_path):
        draft, public = make_study(title="Zarzaparrilla"), make_study(title="Zanahoria", stage=Stage.PUBLISHED)
        indexing.rebuild()
        slugs = {entry["accession_number"] for entry in rispy.loads(run(tmp_path, "ris").decode())}
        assert public.slug in slugs
        assert draft.slug not in slugs

    @pytest.mark.parametrize("given", [["pdf"], ["txt", "--style", "mla"], ["csv", "--language", "qu"]])
    def test_refuses_what_it_does_not_know(self, given):
        with pytest.raises(CommandError):
            call_command("export_citations", *given)
