"""Addresses that reached the database past every form: `javascript:` and its like become a link nowhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from lxml import etree, html

from studies.exports.registry import EXPORTS
from studies.models import (
    Baseline,
    Decision,
    Instrument,
    LinkCheck,
    PolicyQuestion,
    Programme,
    ProgrammeStudy,
    PublishedAppraisal,
    Source,
    Stage,
    Study,
    Term,
)
from studies.records.study import StudyRecord
from studies.store.changes import bank_change, vocabulary_change
from studies.templatetags.bank import external_link
from studies.text.identifiers import web_link
from tests.factories import make_study, user_with_role
from tests.studies.records_factory import complete_record, finding, published_appraisal, source

HOSTILE = (
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)//x.pdf", " javascript:alert(1)", "java\tscript:alert(1)"),
    *("data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "file:///etc/passwd", "//evil.example"),
    *("https://", "http://[::1", 'https://x.example/" onclick="alert(1)', "https://a\\b", "mailto:a@example.org"),
)
_SCHEME = re.compile(r"^[\s\x00-\x20]*(javascript|data|vbscript|file)\s*:", re.IGNORECASE)
_LINKING = ("href", "src", "action", "formaction", "data", "poster", "cite")


class TestTheOneFunction:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_takes_nothing_but_addresses_of_the_web(self, text: str):
        assert web_link(text) == ""
        assert "<a" not in external_link(text, "Fuente")
        assert "<a" not in external_link(text, "")

    def test_leaves_an_address_as_it_is(self):
        assert web_link("https://example.org/a?b=c#d") == "https://example.org/a?b=c#d"
        assert web_link(None) == web_link("") == ""

    def test_decides_what_is_offered_to_be_read(self):
        record: StudyRecord = complete_record(doi="10.1234/a", url="javascript:alert(1)")
        assert record.reading_address == "https://doi.org/10.1234/a"


@pytest.fixture
def poisoned(memory_engine: object) -> Study:
    """A bank in which every address that a row holds was made a hostile one, and the address of one study of it."""
    study = make_study(
        stage=Stage.PUBLISHED,
        doi=None,
        url="https://example.org/a.pdf",
        open_access=True,
        findings=(finding(),),
        sources=(source("https://example.org/b"),),
        appraisals=(published_appraisal(),),
    )
    programme = Programme.objects.filter(is_published=True).first()
    assert programme is not None
    ProgrammeStudy.objects.create(programme=programme, study=study)
    day = date(2026, 11, 26)
    question = PolicyQuestion.objects.create(
        slug="prueba",
        question_es="¿De prueba?",
        answer_es="Sí.",
        reviewed_by="Prueba",
        reviewed_on=day,
        sources=["javascript:alert(1)"],
        is_published=True,
    )
    question.studies.add(study)
    Decision.objects.create(
        programme=programme,
        decided_on=day,
        text_es="De prueba.",
        document_url="javascript:alert(1)",
        is_published=True,
    )
    LinkCheck.objects.create(url="javascript:alert(1)", key="k", state="dead", checked_at=datetime.now(tz=UTC))
    with vocabulary_change(), bank_change() as change:
        for model in (Study, Source, Instrument, Baseline, PublishedAppraisal):
            # Each its own: some tables refuse the same address twice.
            own = Cast(F("pk"), CharField())
            model.objects.update(url=Concat(Value("javascript:alert("), own, Value(")//a.pdf")))
        Programme.objects.update(sources=["javascript:alert(1)"])
        change.touch(study)
    return study


def public_addresses(study: Study) -> Iterator[str]:
    themes = Term.objects.filter(vocabulary="themes").values_list("code", flat=True)
    interventions = study.terms.filter(vocabulary="interventions").values_list("code", flat=True)
    picked = f"id={study.slug}&id=abramsky-2014-sasa"
    for language in ("es", "en"):
        with override(language):
            plain = ("home", "search", "programmes", "questions", "help", "about", "glossary", "data", "interventions")
            yield from map(reverse, plain)
            yield reverse("study", args=[study.slug])
            yield from (reverse("study-citation", args=[study.slug, ext]) for ext in EXPORTS)
            yield from (f"{reverse('selection-export', args=[ext])}?{picked}" for ext in EXPORTS)
            yield from (reverse("programme", args=[each.slug]) for each in Programme.objects.filter(studies=study))
            yield reverse("question", args=["prueba"])
            yield from (reverse("theme", args=[code]) for code in themes)
            yield from (reverse("intervention", args=[code]) for code in interventions)
            for name in ("selection", "compare", "evidence", "brief"):
                yield f"{reverse(name)}?{picked}"
            yield f"{reverse('brief-file', args=['docx'])}?{picked}"
    yield from ("/feeds/estudios.atom", "/sitemap.xml", f"/api/v1/studies/{study.slug}/")
    for prefix in ("oai_dc", "mods"):
        yield f"/oai/?verb=GetRecord&metadataPrefix={prefix}&identifier=oai:bank.localhost:{study.slug}"


def staff_addresses(study: Study) -> Iterator[str]:
    yield from ("/admin/studies/linkcheck/", f"/admin/studies/study/{study.pk}/change/")
    yield from (reverse(f"admin:studies_study_{name}", args=[study.pk]) for name in ("check", "appraisals", "history"))
    yield from (f"/admin/studies/{name}/" for name in ("programme", "policyquestion", "decision", "instrument"))
    for model in (Programme, PolicyQuestion, Decision, Instrument, Baseline):
        name = model._meta.model_name
        yield f"/admin/studies/{name}/{model.objects.order_by('pk').values_list('pk', flat=True)[0]}/change/"


def bad_links(response: HttpResponse) -> list[str]:
    """Return what an answer offers as a link and is none of the web: attributes of pages, targets of Office files."""
    body = b"".join(response) if response.streaming else response.content
    kind = response.headers["Content-Type"].partition(";")[0]
    found = [link for link in re.findall(r"<([^>]*)>", response.headers.get("Link", "")) if _SCHEME.match(link)]
    if body.startswith(b"PK"):
        return found + list(_office_targets(body))
    if kind == "text/html":
        return found + list(_attributes(html.fromstring(body)))
    if kind.endswith("xml"):
        return found + list(_attributes(etree.fromstring(body)))
    if kind in (
        "application/x-research-info-systems",
        "application/x-bibtex",
        "application/vnd.citationstyles.csl+json",
    ):
        return found + re.findall(r"(?im)^\s*(?:UR  -|url\s*=|\"URL\":).*javascript:.*$", body.decode())
    return found


def _attributes(tree: etree._Element) -> Iterator[str]:
    for element in tree.iter():
        for name, value in element.attrib.items():
            plain = re.sub(r"[\t\r\n]", "", str(value))
            if etree.QName(name).localname in _LINKING and _SCHEME.match(plain):
                yield plain


def _office_targets(body: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8", "replace")
            yield from re.findall(r'(?i)(?:Target|instr|location)="\s*javascript:[^"]*"', text)
            yield from re.findall(r"(?i)HYPERLINK\s*\(?\s*\"?javascript:[^<]*", text)


@pytest.mark.django_db
class TestEveryKindOfPage:
    def test_of_the_public_offers_none_as_a_link(self, client: Client, poisoned: Study):
        answers = {address: client.get(address) for address in public_addresses(poisoned)}
        assert {each.status_code for each in answers.values()} == {200}
        assert {address: found for address, each in answers.items() if (found := bad_links(each))} == {}
        # As text it is there, so that somebody can see and mend it.
        assert "javascript:alert(" in client.get(f"/estudios/{poisoned.slug}/").content.decode()

    def test_of_the_workplace_offers_none_as_a_link(self, client: Client, poisoned: Study):
        client.force_login(user_with_role("Administración"))
        answers = {address: client.get(address) for address in staff_addresses(poisoned)}
        assert {address: each.status_code for address, each in answers.items() if each.status_code != 200} == {}
        assert {address: found for address, each in answers.items() if (found := bad_links(each))} == {}

    def test_would_be_caught_if_it_did(self):
        page = HttpResponse('<p><a href="java\tscript:alert(1)">x</a></p>')
        assert bad_links(page)


@pytest.mark.django_db
class TestForms:
    @pytest.mark.parametrize(
        "typed", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/a", "//evil.example"]
    )
    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("/admin/studies/programme/add/", "sources"),
            ("/admin/studies/policyquestion/add/", "sources"),
            ("/admin/studies/decision/add/", "document_url"),
        ],
    )
    def test_of_programmes_questions_and_decisions_refuse_them(self, client: Client, path: str, field: str, typed: str):
        client.force_login(user_with_role("Administración"))
        response = client.post(path, {field: typed})
        assert response.status_code == 200
        assert field in response.context["adminform"].form.errors
        assert not Programme.objects.filter(sources__icontains=typed).exists()
