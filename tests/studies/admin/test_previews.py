"""Pages as the public will see them: of drafts, of what is typed, of proposals. For the team, kept by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from studies.models import BankCounter, Proposal, Revision, Stage, Study
from studies.store.exchange import errors
from studies.store.exchange import study as exchange_study
from tests.factories import edit, make_proposal, make_study, user_with_role
from tests.studies.admin.test_proposals import signed_in, step_address
from tests.studies.admin_forms import address, filled_in, form_values
from tests.studies.records_factory import author, finding

pytestmark = pytest.mark.django_db
BANNER = "así se verá la página cuando se publique"


def preview_of(proposal: Proposal) -> str:
    return reverse("admin:studies_proposal_preview", args=[proposal.pk])


def state() -> tuple[Any, ...]:
    """All that a preview must leave as it was."""
    counter = BankCounter.current()
    rows = tuple(Study.objects.order_by("pk").values_list("pk", "slug", "title_es", "updated_at", "folded"))
    return counter.change_no, counter.vocabulary_no, Revision.objects.count(), Proposal.objects.count(), rows


def assert_for_the_team_only(response: HttpResponse) -> None:
    assert response.status_code == 200
    assert {"private", "no-store"} <= set(response.headers["Cache-Control"].split(", "))
    assert "noindex" in response.headers["X-Robots-Tag"]
    html = response.content.decode()
    assert '<meta name="robots" content="noindex">' in html


class TestOfWhatIsTyped:
    @pytest.mark.parametrize(
        ("role", "stage"),
        [
            ("Curaduría", Stage.DRAFT),
            ("Curaduría", Stage.PUBLISHED),
            ("Revisión", Stage.PUBLISHED),
            ("Administración", Stage.WITHDRAWN),
        ],
    )
    def test_the_page_is_shown_and_nothing_is_written(self, role: str, stage: Stage):
        study = make_study(stage=stage, title_es="El de antes")
        record = exchange_study.to_record(Study.objects.for_record().get(pk=study.pk))
        client = signed_in(user_with_role(role))
        typed = filled_in(client, study, title_es="Lo que <b>escribo</b>", **{"authors-0-family": "Condorcanqui"})
        before = state()
        page = client.post(address(study), {**typed, "_preview": "es"})
        assert_for_the_team_only(page)
        html = page.content.decode()
        assert "Lo que &lt;b&gt;escribo&lt;/b&gt;</h1>" in html
        assert "Condorcanqui" in html
        assert BANNER in html
        assert state() == before
        assert exchange_study.to_record(Study.objects.for_record().get(pk=study.pk)) == record

    def test_in_english_too(self):
        study = make_study(title_en="Weavers of Puno")
        client = signed_in(user_with_role("Curaduría"))
        html = client.post(address(study), filled_in(client, study, _preview="en")).content.decode()
        assert '<html lang="en">' in html
        assert "Weavers of Puno</h1>" in html
        assert "once published" in html

    def test_a_study_that_is_not_saved_yet_has_one(self):
        client = signed_in(user_with_role("Curaduría"))
        before = state()
        page = client.post(address(), filled_in(client, title="Tejedoras de Puno", _preview="es"))
        assert_for_the_team_only(page)
        assert "Tejedoras de Puno" in page.content.decode()
        assert state() == before

    def test_what_cannot_be_read_is_told_in_the_form(self):
        study = make_study()
        client = signed_in(user_with_role("Curaduría"))
        html = client.post(address(study), filled_in(client, study, year="x", _preview="es")).content.decode()
        assert BANNER not in html
        assert "corrija lo que está marcado" in html

    def test_a_language_that_is_none_is_spanish(self):
        study = make_study()
        client = signed_in(user_with_role("Curaduría"))
        html = client.post(address(study), filled_in(client, study, _preview="\x00qu")).content.decode()
        assert '<html lang="es">' in html

    def test_who_may_only_read_gets_none(self):
        study = make_study(stage=Stage.WITHDRAWN)
        client = signed_in(user_with_role("Curaduría"))
        assert client.post(address(study), {"title": "x", "_preview": "es"}).status_code == 403

    def test_a_code_that_the_bank_lost_meanwhile_is_told(self, monkeypatch: pytest.MonkeyPatch):
        study = make_study()
        client = signed_in(user_with_role("Curaduría"))
        typed = filled_in(client, study, _preview="es")

        def lost(*_args: Any) -> None:
            raise errors.UnknownTerm("outcomes", "perdido")

        monkeypatch.setattr("studies.admin.shared.previews.save_record", lost)
        assert "el banco ya no tiene" in client.post(address(study), typed).content.decode()


class TestOfAProposal:
    def test_shows_it_joined_with_what_the_study_says_now(self):
        study = make_study(stage=Stage.PUBLISHED, title_es="El de antes", authors=(author("Quispe"),))
        proposal = make_proposal(study, title_es="Lo propuesto", findings=(finding(value=0.31),))
        edit(study, authors=(author("Condorcanqui"),))
        before = state()
        page = signed_in(user_with_role("Revisión")).get(preview_of(proposal))
        assert_for_the_team_only(page)
        html = page.content.decode()
        assert "Lo propuesto</h1>" in html
        assert "Condorcanqui" in html
        assert "0,31" in html
        assert state() == before
        assert "Lo propuesto" not in Client().get(study.get_absolute_url()).content.decode()

    def test_in_english_too(self):
        proposal = make_proposal(title_en="What is proposed")
        html = signed_in(proposal.author).get(f"{preview_of(proposal)}?idioma=en").content.decode()
        assert "What is proposed</h1>" in html

    def test_the_pages_of_a_proposal_lead_there(self):
        proposal = make_proposal()
        client = signed_in(user_with_role("Revisión"))
        for where in (reverse("admin:studies_proposal_change", args=[proposal.pk]), step_address(proposal, "accept")):
            assert f'href="{preview_of(proposal)}"' in client.get(where).content.decode()

    def test_what_a_reviewer_corrects_has_one_before_it_is_published(self):
        proposal = make_proposal(title_es="Con erata")
        client = signed_in(user_with_role("Revisión"))
        form = form_values(client.get(step_address(proposal, "correct")).content.decode(), "study_form")
        page = client.post(step_address(proposal, "correct"), {**form, "title_es": "Con errata", "_preview": "es"})
        assert_for_the_team_only(page)
        assert "Con errata</h1>" in page.content.decode()
        assert Proposal.objects.get(pk=proposal.pk).state == Proposal.State.WAITING

    def test_one_that_cannot_be_read_is_told(self):
        proposal = make_proposal()
        Proposal.objects.filter(pk=proposal.pk).update(record={"id": 3})
        page = signed_in(user_with_role("Revisión")).get(preview_of(proposal), follow=True).content.decode()
        assert "No hay vista previa" in page

    def test_strangers_readers_and_staff_without_a_role_get_none(self):
        proposal = make_proposal()
        assert Client().get(preview_of(proposal)).url.startswith("/admin/login/")
        assert signed_in(User.objects.create_user("lectora")).get(preview_of(proposal)).status_code == 302
        assert signed_in(user_with_role()).get(preview_of(proposal)).status_code == 403

    def test_it_is_read_only_and_a_bad_id_is_404(self):
        proposal = make_proposal()
        client = signed_in(user_with_role("Revisión"))
        assert client.post(preview_of(proposal)).status_code == 405
        assert client.get("/admin/studies/proposal/99999999/vista-previa/").status_code == 404
        assert client.get(f"/admin/studies/proposal/{'9' * 30}/vista-previa/").status_code == 404


class TestOfADraft:
    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.IN_REVIEW])
    def test_its_own_address_answers_those_who_may_read_drafts_and_no_cache_keeps_it(self, stage: Stage):
        study = make_study(stage=stage)
        assert_for_the_team_only(signed_in(user_with_role("Curaduría")).get(study.get_absolute_url()))
        for stranger in (Client(), signed_in(user_with_role())):
            assert stranger.get(study.get_absolute_url()).status_code == 404

    def test_a_published_page_may_be_kept(self, monkeypatch):
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        study = make_study(stage=Stage.PUBLISHED)
        # Without an index a page lacks what is similar, and nobody keeps it.
        indexing.rebuild()
        answer = Client().get(study.get_absolute_url())
        assert "no-store" not in answer.headers.get("Cache-Control", "")
        assert "X-Robots-Tag" not in answer.headers
