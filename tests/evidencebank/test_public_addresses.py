"""Every public address, found in the table of addresses: what must not show, and what must not lead astray."""

from __future__ import annotations

import datetime
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.translation import override
from lxml.html import document_fromstring
from pypdf import PdfReader

from evidencebank.sitemaps import SITEMAPS
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from search.lists.alerts import AlertRequest
from search.models import FrozenList
from search.web.brief import pdf
from studies.curation import notes, rechecks
from studies.exports.registry import EXPORTS
from studies.models import (
    BankCounter,
    Decision,
    Evaluation,
    EvaluationStudy,
    PolicyQuestion,
    Programme,
    ProgrammeStudy,
    Proposal,
    Stage,
    Study,
    Term,
)
from studies.store.changes import vocabulary_change
from studies.store.exchange.study import to_record
from tests.bank_server import BankServer
from tests.factories import make_proposal, make_study, merge_studies, user_with_role, withdraw
from tests.studies.records_factory import author, finding, source

LANGUAGES = [code for code, _ in settings.LANGUAGES]
SASA = "abramsky-2014-sasa"
FROZEN = "2026-11-26-0123456789ab"
"""A frozen list that `frozen_list` makes: of a study that is published and of one that never was."""
NEXT_YEAR = datetime.datetime.now(tz=datetime.UTC).year + 1
"""The latest that a study may say of itself: nothing of the bank is newer."""

# --- The table of addresses, with an example of each -----------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """How to visit one address: the values in its path, and the queries to visit it with."""

    paths: Iterable[Mapping[str, str]] = ({},)
    queries: Iterable[str] = ("",)


PUBLISHED = [{"slug": slug} for slug in (SASA, "bhalotra-2025-brazil-job-loss")]
# What the hidden studies below would come up with.
FINDING_THEM = (
    "q=xilofonista", "q=autor:xilofonista", "q=10.9999/xilofonista", "country=ZZ", "intervention=zz-prueba",
    "programme=programa-de-prueba", f"year_from={NEXT_YEAR}", "theme=autonomy&sort=newest",
    "language=es&sort=added&page_size=50",
)  # fmt: skip
COMPARING = (
    "", f"id={SASA}&id=nada", f"id={SASA}&id=bhalotra-2025-brazil-job-loss", "intervention=helpline",
    "intervention=zz-prueba&intervention=helpline&intervention=cash-transfer",
)  # fmt: skip
EXAMPLES: dict[str, Example] = {
    "home": Example(),
    "search": Example(queries=("", "all=country&all=intervention&all=programme", "sort=title&page=7", *FINDING_THEM)),
    "search-total": Example(queries=("", *FINDING_THEM)),
    "export-list": Example(queries=("", *FINDING_THEM)),
    "studies-export": Example([{"ext": ext} for ext in EXPORTS], ("theme=autonomy&year_from=2024", *FINDING_THEM[:6])),
    "suggestions": Example(queries=tuple(f"q={typed}" for typed in ("xilo", "zarza", "test", "prueb", "perú", "sa"))),
    "study": Example(PUBLISHED),
    "study-citation": Example([{**slug, "ext": ext} for slug in PUBLISHED for ext in EXPORTS]),
    "alerts": Example(queries=("", *FINDING_THEM[:6])),
    "alert-confirm": Example([{"token": AlertRequest("ana@example.org", "theme=autonomy", "es", "weekly").token()}]),
    "alert-end": Example([{"key": "nada"}]),
    "search-record": Example(queries=("", "since=0", *FINDING_THEM)),
    "search-record-file": Example([{"ext": ext} for ext in ("txt", "json")], ("", *FINDING_THEM[:4])),
    "selection": Example(queries=("", f"id={SASA}&id=nada", "notice=full")),
    "selection-export": Example([{"ext": ext} for ext in EXPORTS], (f"id={SASA}&id=nada",)),
    "frozen-list": Example([{"code": FROZEN}]),
    "frozen-list-manifest": Example([{"code": FROZEN}]),
    "frozen-list-export": Example([{"code": FROZEN, "ext": ext} for ext in EXPORTS]),
    "frozen-list-report": Example([{"code": FROZEN}]),
    "study-report": Example(PUBLISHED),
    "programmes": Example(queries=("", "theme=prevention&stage=results", "country=ZZ", "stage=unknown")),
    "programme": Example([{"slug": slug} for slug in ("sasa", "hablemos-entre-patas", "programa-de-prueba")]),
    "questions": Example(),
    "question": Example([{"slug": "prueba"}]),
    "theme": Example([{"code": code} for code in ("attention", "prevention", "autonomy")]),
    "interventions": Example(queries=("", "sort=evaluations", "theme=attention", *FINDING_THEM[:7])),
    "interventions-file": Example(
        [{"ext": "csv"}, {"ext": "xlsx"}], ("", "order=name&theme=attention", "outcome=nada")
    ),
    "intervention": Example([{"code": code} for code in ("engaging-men", "cash-transfer", "workplace")]),
    "compare": Example(queries=COMPARING),
    "evidence": Example(queries=("", "region=peru", *FINDING_THEM[:7])),
    "evidence-data": Example(queries=("", "table=estimates", "table=outcomes", "country=ZZ")),
    "evidence-figure": Example(queries=("", "forest=1", "theme=prevention")),
    "brief": Example(queries=("", "region=peru", f"style=vancouver&id={SASA}&id=nada", *FINDING_THEM[:7])),
    "brief-file": Example(
        [{"ext": ext} for ext in ("docx", *(["pdf"] if pdf.is_available() else []))],
        ("", "country=PE", "country=ZZ", f"id={SASA}"),
    ),
    "map": Example(queries=("", "view=figure", "rows=country&columns=design&marks=nearness", *FINDING_THEM[:7])),
    "map-data": Example(queries=("", "country=ZZ", "rows=country")),
    "map-figure": Example(queries=("", "country=ZZ")),
    "evidence-studies": Example(queries=("", "country=ZZ", "row=zz-prueba", "rows=country&row=ZZ&tested=together")),
    "data": Example(),
    "api-docs": Example(),
    "help": Example(),
    "about": Example(),
    "glossary": Example(),
    "accessibility": Example(),
    "privacy": Example(),
    "patterns": Example(),
    "api": Example(),
    "api-studies": Example(
        queries=("facets=country&facets=years&facets=programme", "sort=title&page=3", *FINDING_THEM)
    ),
    "api-study": Example(PUBLISHED),
    "api-findings": Example(
        # Not with the study that another is merged into: it has changed since, and comes last.
        queries=("country=PE&page_size=200", "country=PE&format=csv", *FINDING_THEM[:7])
    ),
    "api-interventions": Example(queries=("", "page_size=200&format=csv")),
    "api-intervention": Example([{"slug": code} for code in ("engaging-men", "workplace")]),
    "api-evaluations": Example(queries=("page_size=200", "page_size=200&format=csv")),
    "api-evaluation": Example([{"slug": "sasa-kampala"}]),
    "api-programmes": Example(queries=("page_size=200", "page_size=200&format=csv")),
    "api-programme": Example([{"slug": slug} for slug in ("sasa", "programa-de-prueba")]),
    "api-questions": Example(queries=("", "format=csv")),
    "api-question": Example([{"slug": "prueba"}]),
    "api-thesaurus": Example(queries=("page_size=200",)),
    "api-concept": Example([{"slug": "cash-transfer"}]),
    "api-changes": Example(queries=("", "page_size=200&format=csv")),
    "api-taxonomy": Example(),
    "api-schema": Example(queries=("lang=es", "lang=en")),
    "data-json": Example(),
    "skos": Example(),
    "skos-file": Example([{"ext": "ttl"}, {"ext": "jsonld"}]),
    # Lists hold what is gone as deleted, as they should: tests/studies/publishing/test_oai.py.
    "oai": Example(
        queries=(
            "verb=Identify",
            "verb=ListSets",
            f"verb=GetRecord&metadataPrefix=mods&identifier=oai:bank.localhost:{SASA}",
        )
    ),
    "admin_password_reset": Example(),
    "password_reset_done": Example(),
    "password_reset_confirm": Example([{"uidb64": "MQ", "token": "x-y"}]),
    "password_reset_complete": Example(),
    "healthz": Example(),
    "readyz": Example(),
    "version": Example(),
    "llms": Example(),
    "robots": Example(),
    "security-text": Example(),
    "sitemap": Example(),
    "feed-es": Example(queries=("", *FINDING_THEM)),
    "feed-en": Example(queries=("", *FINDING_THEM)),
    "sitemap-part": Example([{"section": section} for section in SITEMAPS]),
}
FOR_THE_TEAM = {
    **dict.fromkeys(("select-studies", "bank-health", "audit", "own-password", "own-sessions"), ()),
    **dict.fromkeys(("second-step", "add-factor", "own-factors", "confirm-password"), ()),
    "reset-factors": (1,),
    "jobs": (),
    "job-ask": ("housekeeping",),
    "job-end": (1,),
    "job-retry": (1,),
}
"""Addresses of the admin that stand in the table of the site, with what stands in their paths.

They need the search, or come before Django's own.
"""
TELL_WHAT_WENT = ("feed-es", "feed-en", "search-record", "search-record-file", "api-changes")
"""Addresses that tell of a withdrawn study that it went (R3), or the time: they change, and hold nothing of it."""

ASKED_ELSEWHERE = {"data-file", "metrics"}
"""What changes only at night, by a command: tests/studies/publishing/test_opendata.py says what must not show in it.

And what no stranger may read: tests/evidencebank/watching/test_metrics.py.
"""


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Yield every address of the table but those of the admin, which asks for a sign-in first."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from patterns(entry)
        elif entry.name not in FOR_THE_TEAM:
            yield entry


def addresses(names: Iterable[str] = EXAMPLES) -> list[str]:
    """Return every example in every language, each address once."""
    found = []
    for language in LANGUAGES:
        with override(language):
            for name in names:
                for path in EXAMPLES[name].paths:
                    address = reverse(name, kwargs=dict(path))
                    found += [f"{address}?{query}" if query else address for query in EXAMPLES[name].queries]
    return list(dict.fromkeys(found))


class TestTableOfAddresses:
    def test_each_address_has_an_example_here(self):
        """A new address is tried by the tests below as soon as it is named in EXAMPLES."""
        assert {pattern.name for pattern in patterns()} == set(EXAMPLES) | ASKED_ELSEWHERE


# --- What is not public ------------------------------------------------------------------------------------------


@dataclass
class Hidden:
    """Studies that nobody outside may find, and the one that a merged one went into."""

    draft: Study
    in_review: Study
    withdrawn: Study
    merged: Study
    target: str = SASA
    secret: str = field(default="zarzaparrilla", repr=False)
    """A word of each of them that no address holds."""

    @property
    def all(self) -> list[Study]:
        return [self.draft, self.in_review, self.withdrawn, self.merged]


@pytest.fixture(params=["with an index", pytest.param("without an index", marks=pytest.mark.thorough)])
def index(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = MemoryEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: engine)
    if request.param == "with an index":
        indexing.rebuild()


@pytest.fixture
def frozen_list(db: None) -> None:
    entries = [{"id": slug, "change_no": 1, "record": ""} for slug in (SASA, "nada")]
    told = {"form": 2, "frozen_on": "2026-11-26", "bank": "", "change_no": 1, "studies": entries}
    FrozenList.objects.create(code=FROZEN, manifest=json.dumps(told), checksum="")


@pytest.fixture
def vocabulary_of_the_hidden(frozen_list: None) -> None:
    """A country, an intervention and a programme that only hidden studies will carry."""
    with vocabulary_change():
        region = Term.objects.get(vocabulary="regions", code="andean")
        theme = Term.objects.get(vocabulary="themes", code="autonomy")
        Term.objects.create(
            vocabulary="countries", code="ZZ", label_es="Prueba", label_en="Test", parent=region, position=999
        )
        Term.objects.create(
            vocabulary="interventions",
            code="zz-prueba",
            label_es="De prueba",
            label_en="Testing",
            parent=theme,
            position=999,
        )
        Programme.objects.create(
            slug="programa-de-prueba",
            name="Programa de prueba",
            name_es="Programa de prueba",
            name_en="Test programme",
            sources=["https://example.org/programa"],
            is_published=True,
        )

    today = datetime.date(2026, 11, 26)
    question = PolicyQuestion.objects.create(
        slug="prueba",
        question_es="¿De prueba?",
        answer_es="Sí.",
        reviewed_by="Prueba",
        reviewed_on=today,
        sources=["https://example.org/pregunta"],
        is_published=True,
    )
    question.searches.create(made_on=today, criteria="q=prueba&country=ZZ", found=0)
    Decision.objects.create(
        programme=Programme.objects.get(slug="sasa"),
        decided_on=today,
        text_es="De prueba.",
        document_url="https://example.org/decision",
        is_published=True,
    )


def make_hidden() -> Hidden:
    """Make the studies as their authors would: newest of all, in a known theme, of a known trial and programme."""

    def make(number: int, stage: Stage, *, like: Study | None = None) -> Study:
        """Make one; `like` gives it the sources and programmes of another, which takes them over in a merge."""
        study = make_study(
            stage=stage,
            title=f"Xilofonista zarzaparrilla {number}",
            title_es=f"Xilofonista zarzaparrilla {number}",
            title_en=f"Xilofonista zarzaparrilla {number}",
            key_finding_es="Zarzaparrilla del xilofonista",
            key_finding_en="Zarzaparrilla del xilofonista",
            summary_es="La zarzaparrilla del xilofonista.",
            summary_en="The zarzaparrilla of the xilofonista.",
            authors=(author("Xilofonista Zarzaparrilla"),),
            doi=f"10.9999/xilofonista.zarzaparrilla.{number}",
            container_title="Revista Zarzaparrilla",
            year=NEXT_YEAR,
            themes=("autonomy", "prevention", "attention"),
            interventions=("zz-prueba", "cash-transfer"),
            countries=("ZZ", "PE"),
            programme="Programa de prueba",
            findings=(finding(statement_es="Zarzaparrilla.", statement_en="Zarzaparrilla."),),
            sources=to_record(like).sources if like else (source("https://zarzaparrilla.example/estudio"),),
        )
        trial = Evaluation.objects.filter(studies__slug=SASA, kind="trial").first()
        assert trial is not None
        EvaluationStudy.objects.create(evaluation=trial, study=study, position=99)
        programmes = Programme.objects.filter(studies=like) if like else Programme.objects.exclude(stage="unknown")
        ProgrammeStudy.objects.get_or_create(programme=programmes[0], study=study)
        for programme in Programme.objects.filter(slug__in=("sasa", "hablemos-entre-patas", "programa-de-prueba")):
            programme.rests_on.add(study)
        for resting in (Decision.objects.get(), PolicyQuestion.objects.get()):
            resting.studies.add(study)
        return study

    draft, in_review = make(1, Stage.DRAFT), make(2, Stage.IN_REVIEW)
    withdrawn = withdraw(make(3, Stage.PUBLISHED))
    sasa = Study.objects.get(slug=SASA)
    merged = merge_studies(make(4, Stage.PUBLISHED, like=sasa), sasa)
    return Hidden(draft, in_review, withdrawn, merged)


def of_each(study: Study) -> list[str]:
    """Return the addresses that name `study`: its page and its files, in every language."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(reverse("study", args=[study.slug]))
            found += [reverse("study-citation", args=[study.slug, ext]) for ext in EXPORTS]
    return found


def of_the_api(study: Study) -> str:
    return reverse("api-study", args=[study.slug])


def unpacked(archive: bytes) -> str:
    """Return the texts of an Office file, whose bytes hide them."""
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


def read(client: Client, path: str) -> str:
    """Return what an address answers, without the number of the bank's version, which every change raises."""
    response = client.get(path)
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"PK"):
        # Files of Word and Excel say when they were made.
        text = re.sub(r"<dcterms:(created|modified).*?</dcterms:\1>", r"<\1>", unpacked(body))
    elif body.startswith(b"%PDF"):
        # Lines break elsewhere where the version has one figure more.
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).split())
    else:
        text = body.decode("utf-8-sig")
    if text.startswith("<?xml") and "<svg" in text[:200]:
        # So do the lines around a figure, and its height with them.
        text = re.sub(r'</text>\s*<text x="24" y="\d+" class="soft">', " ", text)
        text = re.sub(r' (height|viewBox)="[^"]*"', "", text, count=2)
    text = re.sub(r"(versión|version) [\d\u202f,]+( del| of|\.)", r"\1", text)
    text = re.sub(r"(Versión|Version) [\d\u202f,]+ (del banco|of the bank), [^<]*", r"\1", text)
    # A study that took in another has changed, though it says what it said.
    text = re.sub(r"([Cc]ambio|[Cc]hange) [\d\u202f,]+ (del banco|of the bank)", r"\1", text)
    text = re.sub(r"since=\d+", "since", text)
    text = re.sub(r"\((versión|version) [\d\u202f,]+, [^)]*\)", r"\1", text)
    text = re.sub(r'"(index_change|change|number)": ?\d+', r'"\1"', text)
    text = re.sub(r"<(responseDate|datestamp)>[^<]*", r"<\1>", text)
    text = re.sub(r'"changed_at":"[^"]*"', '"changed_at"', text)
    return f"{response.status_code}\n{text}"


@pytest.mark.django_db
class TestUnpublishedStudies:
    """I5: nowhere in lists, counts, exports or the map of the site; the page of each is 404, a notice or a redirect."""

    @pytest.fixture(autouse=True)
    def _version_of_two_figures(self, db: None) -> None:
        # Where the number of the version gets a figure more, a brief breaks a line elsewhere and fits another row.
        BankCounter.objects.update(change_no=10)

    @pytest.fixture(autouse=True)
    def _one_moment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Citations and files bear the day: around midnight in Lima every page would differ from itself.
        moment = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: moment)

    def test_change_no_public_address(self, client, index, vocabulary_of_the_hidden):
        """The strongest that can be said: every address answers as if they were not there, counts included."""
        before = {address: read(client, address) for address in addresses()}
        assert {answer[:3] for answer in before.values()} == {"200"}
        hidden = make_hidden()
        cache.clear()
        after = {address: read(client, address) for address in before}
        may_change = set(addresses(TELL_WHAT_WENT))
        assert [address for address in after if after[address] != before[address] and address not in may_change] == []
        assert [address for address, answer in after.items() if hidden.secret in answer.lower()] == []

    def test_would_change_them_if_they_were_published(self, client, index, vocabulary_of_the_hidden):
        """The test above can fail: a study like them does show."""
        watched = [*addresses(["home", "search", "theme", "sitemap-part"]), *addresses(["study"])[:1]]
        before = {address: read(client, address) for address in watched}
        make_study(
            stage=Stage.PUBLISHED,
            title_es="Xilofonista",
            year=NEXT_YEAR,
            countries=("ZZ",),
            themes=("autonomy", "prevention"),
        )
        cache.clear()
        changed = {address for address in watched if read(client, address) != before[address]}
        assert {"/", "/en/", "/estudios/", "/estudios/?q=xilofonista", "/temas/autonomy/"} <= changed
        assert "/sitemap-studies.xml" in changed

    def test_that_were_never_public_are_not_found(self, client, vocabulary_of_the_hidden):
        hidden = make_hidden()
        never_public = (hidden.draft, hidden.in_review)
        for address in [address for study in never_public for address in (*of_each(study), of_the_api(study))]:
            answer = read(client, address)
            assert answer.startswith("404"), address
            assert hidden.secret not in answer.lower()

    def test_that_were_withdrawn_keep_a_notice_without_content_and_give_no_file(self, client, vocabulary_of_the_hidden):
        hidden = make_hidden()
        for address in of_each(hidden.withdrawn):
            answer = read(client, address)
            assert answer.startswith("302" if "." in address else "200"), address
            assert hidden.secret not in answer.lower()
            assert address.endswith("/") == ("Los autores retiraron el artículo." in answer)
        answer = read(client, of_the_api(hidden.withdrawn))
        assert answer.startswith("410")
        assert hidden.secret not in answer.lower()

    def test_that_were_merged_lead_to_the_other_and_its_files(self, client, vocabulary_of_the_hidden):
        hidden = make_hidden()
        for address in (*of_each(hidden.merged), of_the_api(hidden.merged)):
            response = client.get(address)
            assert response.status_code == 301
            assert response["Location"].endswith(address.replace(hidden.merged.slug, hidden.target))

    def test_are_no_secret_to_staff_and_said_not_to_be_public(self, client, vocabulary_of_the_hidden):
        hidden = make_hidden()
        client.force_login(user_with_role("Curaduría"))
        for study in (hidden.draft, hidden.in_review):
            html = client.get(f"/estudios/{study.slug}/").content.decode()
            assert "Xilofonista zarzaparrilla" in html
            assert "este estudio no es público" in html
            assert '<meta name="robots" content="noindex">' in html

    def test_are_in_no_list_or_file_for_staff_either(self, client, vocabulary_of_the_hidden):
        """Search, exports and map are the same for all: a curator must see what the public sees."""
        hidden = make_hidden()
        client.force_login(user_with_role("Curaduría"))
        names = [
            "home",
            "search",
            "studies-export",
            "selection",
            "frozen-list",
            "theme",
            "sitemap",
            "sitemap-part",
            "api-studies",
        ]
        for address in addresses(names):
            assert hidden.secret not in read(client, address).lower(), address

    def test_are_not_told_by_the_workplace_to_who_is_not_signed_in(self, client, vocabulary_of_the_hidden):
        hidden = make_hidden()
        for study in hidden.all:
            for name in ("change", "history", "delete"):
                answer = client.get(reverse(f"admin:studies_study_{name}", args=[study.pk]))
                assert answer.status_code == 302
                assert answer["Location"].startswith("/admin/login/")

    @pytest.mark.parametrize("name", FOR_THE_TEAM)
    def test_lead_to_a_sign_in_where_the_team_alone_may_look(self, client, name):
        answer = client.get(reverse(name, args=FOR_THE_TEAM[name]))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


@pytest.mark.django_db
class TestWhatColleaguesSay:
    """R7: a proposal, a note and a check of a published study are no part of anything public."""

    SECRET = "zarzaparrilla"

    @pytest.mark.thorough
    def test_changes_no_public_address(self, client, vocabulary_of_the_hidden, monkeypatch):
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        indexing.rebuild()
        before = {address: read(client, address) for address in addresses()}
        study = Study.objects.for_record().get(slug=SASA)
        self.say(study)
        cache.clear()
        told = before.keys() - set(addresses(TELL_WHAT_WENT))
        assert [address for address in told if read(client, address) != before[address]] == []
        assert [address for address in before if self.SECRET in read(client, address).lower()] == []
        assert [address for address in of_each(study) if self.SECRET in read(client, address).lower()] == []

    def test_is_in_no_export_for_staff_either(self, client):
        self.say(Study.objects.for_record().get(slug=SASA))
        client.force_login(user_with_role("Administración"))
        for address in [
            *addresses(["study", "study-citation"]),
            *(f"/estudios/exportar.{ext}?q=sasa" for ext in EXPORTS),
        ]:
            assert self.SECRET not in read(client, address).lower(), address

    def test_is_not_told_by_the_workplace_to_who_is_not_signed_in(self, client):
        proposal = self.say(Study.objects.for_record().get(slug=SASA))
        study = [proposal.study_id]
        told = [
            reverse("admin:studies_study_queue"),
            *(reverse(f"admin:studies_study_{name}", args=study) for name in ("notes", "check", "compare", "clash")),
            reverse("admin:studies_study_revision", args=[*study, proposal.base_no]),
            reverse("admin:studies_proposal_changelist"),
            reverse("admin:studies_proposal_change", args=[proposal.pk]),
            reverse("admin:studies_proposal_move", args=[proposal.pk, "accept"]),
        ]
        for address in told:
            answer = client.get(address)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/")

    def say(self, study: Study) -> Proposal:
        person = user_with_role("Revisión", username="zarzaparrilla")
        text = "Zarzaparrilla del xilofonista"
        notes.add(study, text, by=person)
        rechecks.record_check(study, by=person, note=text)
        return make_proposal(
            study,
            by=person,
            note=text,
            title=text,
            title_es=text,
            summary_es=text,
            authors=(author("Zarzaparrilla"),),
            findings=(finding(statement_es=text),),
            year=NEXT_YEAR,
            sources=(source("https://zarzaparrilla.example"),),
        )


# --- Links -------------------------------------------------------------------------------------------------------

MOST_OF_A_SHAPE = 2
"""Links to the same address with the same names of criteria that are followed from one page; the rest is more of it."""


@dataclass(frozen=True)
class Crawl:
    """What was reached from the first page: the status and text of each address, and who links to it."""

    status: dict[str, int] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)


def shape(address: str) -> str:
    """Reduce an address to what it is a kind of: studies, themes, formats and values of criteria are all alike."""
    parts = urlsplit(address)
    path = re.sub(
        r"/(estudios|studies|temas|themes|programas|programmes|preguntas|questions)/[a-z0-9-]+/", r"/\1/*/", parts.path
    )
    path = re.sub(r"/(exportar|export|cita|citation)\.[a-z]+$", r"/\1.*", path)
    return path + "?" + "&".join(sorted({pair.partition("=")[0] for pair in parts.query.split("&")}))


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<(?:a|link)\b[^>]*\bhref="([^"]*)"', html)]


@pytest.fixture(scope="session")
def crawl(bank_server: BankServer) -> Crawl:
    """Follow links from the first page of each language, two pages deep, a few of each shape."""
    found = Crawl()
    waiting = [("/", 0), ("/en/", 0)]
    seen: dict[str, int] = {}
    while waiting:
        path, depth = waiting.pop(0)
        if path in found.status:
            continue
        answer = bank_server.get(path, method="GET")
        found.status[path] = answer.status
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        found.text[path] = answer.text
        for link in links(answer.text):
            target, _ = urldefrag(urljoin(bank_server.url + path, link))
            if not target.startswith(f"{bank_server.url}/"):
                continue
            target = target.removeprefix(bank_server.url)
            found.linked.setdefault(urljoin(path, link).removeprefix(bank_server.url), path)
            seen[shape(target)] = seen.get(shape(target), 0) + 1
            if depth < 2 and seen[shape(target)] <= MOST_OF_A_SHAPE:
                waiting.append((target, depth + 1))
    return found


class TestLinks:
    @pytest.mark.thorough
    def test_every_kind_of_page_is_reached_from_the_first_one(self, crawl):
        shapes = {shape(path) for path in crawl.status}
        with override("es"):
            for name in (
                "home",
                "search",
                "programmes",
                "questions",
                "data",
                "help",
                "about",
                "glossary",
                "accessibility",
                "privacy",
            ):
                assert f"{reverse(name)}?" in shapes
        assert {
            "/estudios/*/?",
            "/temas/*/?",
            "/programas/*/?",
            "/en/studies/*/?",
            "/en/themes/*/?",
            "/estudios/exportar.*?",
        } <= shapes
        assert len(crawl.status) > 80

    def test_none_is_dead(self, crawl):
        assert {path: crawl.linked.get(path) for path, status in crawl.status.items() if status >= 400} == {}

    def test_none_takes_a_detour(self, crawl):
        assert {path: crawl.linked.get(path) for path, status in crawl.status.items() if status >= 300} == {}

    def test_each_place_within_a_page_exists(self, crawl):
        missing = []
        for address, page in crawl.linked.items():
            path, fragment = urldefrag(address)
            if fragment and path in crawl.text and not re.search(rf'\bid="{re.escape(fragment)}"', crawl.text[path]):
                missing.append((address, page))
        assert missing == []

    @pytest.mark.thorough  # some hundred pages
    @pytest.mark.django_db
    def test_each_place_that_a_programme_or_a_study_names_exists(self, client):
        """All programmes and each third study: what a page leaves out depends on its record, not on its shape."""
        studies = Study.objects.published().order_by("slug").values_list("slug", flat=True)
        paths = [reverse("programme", args=[slug]) for slug in Programme.objects.values_list("slug", flat=True)]
        paths += [reverse("study", args=[slug]) for slug in studies[::3]]
        pages: dict[str, str] = {}

        def page(path: str) -> str:
            if path not in pages:
                pages[path] = client.get(path).content.decode()
            return pages[path]

        named = {(path, urljoin(path, link)) for path in paths for link in links(page(path)) if "#" in link[:-1]}
        local = [(path, *urldefrag(address)) for path, address in named if address.startswith("/")]
        assert {"citar", "contenido", "evaluacion", "resultados"} <= {place for _path, _target, place in local}
        assert [each for each in local if f'id="{each[2]}"' not in page(each[1])] == []

    def test_both_languages_of_a_page_name_each_other(self, crawl, bank_server):
        """hreflang counts only where it is answered: each page names itself and the other, and the other the same."""
        for path, html in crawl.text.items():
            named = dict(re.findall(r'<link rel="alternate" hreflang="(es|en)"\s+href="([^"]*)"', html))
            canonical = re.findall(r'<link rel="canonical" href="([^"]*)"', html)
            own = "en" if path.startswith("/en/") else "es"
            assert set(named) == {"es", "en"}, path
            assert canonical == [named[own]], path
            other = unescape(named["es" if own == "en" else "en"]).removeprefix(bank_server.url)
            if other in crawl.text:
                assert (
                    dict(re.findall(r'<link rel="alternate" hreflang="(es|en)"\s+href="([^"]*)"', crawl.text[other]))
                    == named
                )
            else:
                assert bank_server.get(other, method="HEAD").status == 200, other


# --- Landmarks ---------------------------------------------------------------------------------------------------

LANDMARKS = {"main": "main", "nav": "navigation", "aside": "complementary", "section": "region", "form": "form"}
NAMELESS = {"region", "form"}
"""Without a name they are no landmark (HTML Accessibility API Mappings)."""


def landmarks(page: str) -> list[tuple[str, str]]:
    """Return the role and the name of each landmark of a page that stands beside others of its role."""
    tree = document_fromstring(page)
    found = []
    for element in tree.iter("*"):
        role = element.get("role") or LANDMARKS.get(element.tag, "")
        if role in {*LANDMARKS.values(), "search"}:
            named = [tree.get_element_by_id(each) for each in element.get("aria-labelledby", "").split()]
            name = element.get("aria-label") or " ".join(each.text_content() for each in named)
            if name or role not in NAMELESS:
                found.append((role, " ".join(name.split())))
    return found


class TestLandmarks:
    @pytest.mark.django_db
    def test_of_one_role_have_names_of_their_own(self, client, index, vocabulary_of_the_hidden):
        """Who moves from landmark to landmark hears nothing else of them."""
        files = [name for name, example in EXAMPLES.items() if any("ext" in path for path in example.paths)]
        twice = {}
        for address in addresses([name for name in EXAMPLES if name not in files]):
            response = client.get(address)
            if response["Content-Type"].startswith("text/html"):
                found = Counter(landmarks(response.content.decode()))
                assert found["main", ""] == 1, address
                if doubled := [landmark for landmark, count in found.items() if count > 1]:
                    twice[address] = doubled
        assert twice == {}
