"""A change of the vocabularies or the thesaurus is searched at once, in every process, without a restart."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

from studies.models import Concept, Term
from tests.bank_server import ROOT, BankServer, environment
from tests.factories import user_with_role
from tests.studies.admin_forms import form_values

ADD_A_WORD = """
import django
django.setup()
from studies.store.changes import vocabulary_change
from studies.models import Concept
with vocabulary_change():
    concept = Concept.objects.get(slug="attention")
    concept.words_es.append("xilofonía")
    concept.save()
"""


def found(client: Client, q: str) -> int:
    return client.get("/estudios/", {"q": q}).context["page"].total or 0


def change(row: Concept | Term, **changes: object) -> None:
    """Change a row through the workplace, as a browser does."""
    client = Client()
    client.force_login(user_with_role("Revisión"))
    kind = row._meta.model_name
    address = reverse(f"admin:studies_{kind}_change", args=[row.pk])
    values = form_values(client.get(address).content.decode(), f"{kind}_form")
    assert client.post(address, {**values, **changes}).status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestInTheSameProcess:
    def test_a_new_word_of_the_thesaurus_finds(self, client):
        concept = Concept.objects.get(slug="attention")
        assert found(client, "xilofonía") == 0
        change(concept, words_es="\n".join([*concept.words_es, "xilofonía"]))
        assert found(client, "xilofonía") > 0

    def test_a_word_taken_away_no_longer_does(self, client):
        concept = Concept.objects.get(slug="attention")
        change(concept, words_es="\n".join([*concept.words_es, "xilofonía"]))
        change(concept, words_es="\n".join(concept.words_es))
        assert found(client, "xilofonía") == 0

    def test_a_new_name_of_a_term_finds_and_is_shown(self, client):
        change(Term.objects.get(vocabulary="settings", code="rural"), label_es="Xilofonía")
        assert found(client, "xilofonía") > 0
        assert "Xilofonía" in client.get("/estudios/").content.decode()


@pytest.mark.thorough
class TestInAnotherProcess:
    def test_a_server_that_runs_hears_of_it(self, own_bank: BankServer):
        path = "/estudios/?q=xilofon%C3%ADa"
        assert 'class="card"' not in own_bank.page(path)
        subprocess.run(
            [sys.executable, "-c", ADD_A_WORD],
            cwd=ROOT,
            env=environment(own_bank.var) | {"DJANGO_SETTINGS_MODULE": "evidencebank.settings"},
            check=True,
        )
        assert 'class="card"' in own_bank.page(path)
