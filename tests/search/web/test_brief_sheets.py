"""Two sheets: the bound that a brief keeps by its content, with long words of people too, and what Word makes of it."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override
from pypdf import PdfReader

from search.web.brief.author_text import LONGEST, AuthorText
from search.web.brief.blocks import ReferenceListBlock
from search.web.brief.content import Brief, build_brief
from search.web.brief.page import describe_subject
from search.web.brief.paper import SHEETS_MM, measure
from search.web.evidence.views import basis_of
from search.web.shared.evidence_request import read_body
from studies.citations.styles.registry import DEFAULT_STYLE
from tests.studies.learning.texts_factory import make_safety_note, published, term
from tests.thorough import some_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

needs_office = pytest.mark.skipif(not shutil.which("soffice"), reason="no LibreOffice: sudo apt install libreoffice")

SUBJECTS = (
    "theme=prevention",
    "theme=attention",
    "intervention=economic-plus",
    "intervention=community-mobilisation",
    "intervention=cash-transfer",
    "country=PE",
    "outcome=ipv-any",
    "intervention=shelter",
)
HERS = AuthorText(conclusion=("La conclusión ocupa su lugar. " * 40)[: LONGEST["conclusion"]])


def brief_of(query: str, language: str, own: AuthorText | None = None) -> Brief:
    with override(language):
        body = read_body(QueryDict(query))
        subject = describe_subject(body, lambda path: f"https://bank.example{path}", DEFAULT_STYLE, language)
        return build_brief(basis_of(body, language), subject, own or AuthorText(), DEFAULT_STYLE)


class TestABriefKeepsItsBound:
    @pytest.mark.parametrize("language", ["es", "en"])
    @pytest.mark.parametrize("query", SUBJECTS)
    def test_whatever_it_is_of(self, query: str, language: str):
        for own in (AuthorText(), HERS):
            assert measure(brief_of(query, language, own).blocks) <= SHEETS_MM

    def test_with_a_long_safety_note(self):
        published(make_safety_note(intervention=term("economic-plus"), text_es="Nadie debe quedar sola. " * 40))
        brief = brief_of("intervention=economic-plus", "es")
        assert measure(brief.blocks) <= SHEETS_MM
        assert any(isinstance(block, ReferenceListBlock) for block in brief.blocks)


@needs_office
class TestTheWordFile:
    @pytest.mark.parametrize("path", ["/ficha/ficha.docx", "/en/brief/brief.docx"])
    def test_takes_two_sheets_at_most(self, client: Client, tmp_path: Path, path: str):
        """All files in one run: LibreOffice takes seconds to start."""
        queries = some_of(SUBJECTS, 3, random.Random(14))
        for number, query in enumerate(queries):
            (tmp_path / f"{number}.docx").write_bytes(client.get(f"{path}?{query}").content)
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{tmp_path}/office",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                str(tmp_path),
                *(str(tmp_path / f"{number}.docx") for number in range(len(queries))),
            ],
            check=True,
            capture_output=True,
            timeout=240,
        )
        for number, query in enumerate(queries):
            assert len(PdfReader(tmp_path / f"{number}.pdf").pages) <= 2, query
