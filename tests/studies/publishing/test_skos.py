"""The vocabularies and the thesaurus as SKOS, read back by rdflib."""

from __future__ import annotations

import pytest
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, OWL, SKOS

from studies.models import Concept, Term, Vocabulary
from studies.publishing.skos.graph import Iri, Resource, Truth
from studies.publishing.skos.graph import Literal as Text
from studies.publishing.skos.writers import write_json_ld, write_turtle
from studies.store.changes import vocabulary_change

# rdflib's own reader of JSON-LD warns of a class that it uses itself.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

DOCUMENT = "http://testserver/datos/vocabularios"
FORMS = {"ttl": "turtle", "jsonld": "json-ld"}


def read(client, ext="ttl"):
    response = client.get(f"/datos/vocabularios.{ext}")
    assert response.status_code == 200
    return Graph().parse(data=response.content, format=FORMS[ext])


def concept(vocabulary, code):
    return URIRef(f"{DOCUMENT}#{vocabulary}.{code}")


@pytest.mark.django_db
class TestGraph:
    def test_is_the_same_in_both_forms(self, client):
        assert isomorphic(read(client, "ttl"), read(client, "jsonld"))

    def test_holds_every_term_with_its_names_and_every_concept(self, client):
        graph = read(client)
        assert len([*graph.subjects(RDF.type, SKOS.ConceptScheme)]) == len(Vocabulary) + 1
        assert len([*graph.subjects(RDF.type, SKOS.Concept)]) == Term.objects.count() + Concept.objects.count()
        shelter = concept("interventions", "helpline")
        term = Term.objects.get(vocabulary="interventions", code="helpline")
        assert set(graph.objects(shelter, SKOS.prefLabel)) == {
            Literal(term.label_es, lang="es"),
            Literal(term.label_en, lang="en"),
        }
        assert (shelter, SKOS.broadMatch, concept("themes", term.parent.code)) in graph

    def test_names_no_resource_of_its_own_that_it_does_not_describe(self, client):
        graph = read(client)
        named = {value for value in graph.objects() if isinstance(value, URIRef) and value.startswith(DOCUMENT)}
        assert named <= set(graph.subjects())

    def test_keeps_the_rules_of_skos_on_labels(self, client):
        graph = read(client)
        for subject in graph.subjects(RDF.type, SKOS.Concept):
            preferred = [*graph.objects(subject, SKOS.prefLabel)]
            assert len({label.language for label in preferred}) == len(preferred)
            others, hidden = set(graph.objects(subject, SKOS.altLabel)), set(graph.objects(subject, SKOS.hiddenLabel))
            assert len(set(preferred) | others | hidden) == len(preferred) + len(others) + len(hidden)

    def test_links_countries_to_iso_3166_and_nothing_else_outside(self, client):
        graph = read(client)
        peru = concept("countries", "PE")
        assert (peru, SKOS.exactMatch, URIRef("https://www.iso.org/obp/ui/#iso:code:3166:PE")) in graph
        assert all(f"{DOCUMENT}#countries." in subject for subject in graph.subjects(SKOS.exactMatch))

    def test_marks_retired_and_merged_terms(self, client):
        old, new = Term.objects.filter(vocabulary="settings").order_by("position")[:2]
        with vocabulary_change():
            Term.objects.filter(pk=old.pk).update(is_retired=True, merged_into=new)
        graph = read(client)
        assert (concept("settings", old.code), OWL.deprecated, Literal(True)) in graph
        assert (concept("settings", old.code), DCTERMS.isReplacedBy, concept("settings", new.code)) in graph

    def test_tells_nothing_of_notes_for_coders(self, client):
        note = Term.objects.exclude(coding_es="").values_list("coding_es", flat=True).first()
        assert note not in client.get("/datos/vocabularios.ttl").content.decode()


@pytest.mark.django_db
class TestView:
    def test_gives_the_form_that_is_preferred_else_turtle(self, client):
        for accept, ext in (
            ("application/ld+json", "jsonld"),
            ("text/turtle", "ttl"),
            ("text/html", "ttl"),
            ("", "ttl"),
        ):
            response = client.get("/datos/vocabularios", headers={"Accept": accept})
            assert response["Content-Location"].endswith(f"/datos/vocabularios.{ext}")
            assert "Accept" in response["Vary"]

    def test_has_no_other_form(self, client):
        assert client.get("/datos/vocabularios.rdf").status_code == 404

    def test_is_not_sent_again_while_nothing_changed(self, client):
        first = client.get("/datos/vocabularios.ttl")
        assert client.get("/datos/vocabularios.ttl", headers={"If-None-Match": first["ETag"]}).status_code == 304
        with vocabulary_change():
            pass
        assert client.get("/datos/vocabularios.ttl", headers={"If-None-Match": first["ETag"]}).status_code == 200


class TestWriters:
    @pytest.mark.parametrize("text", ['"', "\\", "a\nb\r\tc", "\\u0041", "'''", "ñ € 𝄞", '\\"', "@es", "\x0b"])
    def test_write_any_text_so_that_it_comes_back(self, text):
        subject = Iri("https://example.org/#a")
        properties = (("skos:note", Text(text, "es")), ("skos:note", Text(text)), ("owl:deprecated", Truth(False)))
        for write, form in ((write_turtle, "turtle"), (write_json_ld, "json-ld")):
            graph = Graph().parse(data=write([Resource(subject, properties)]), format=form)
            assert set(graph.objects(URIRef(subject.value), SKOS.note)) == {Literal(text, lang="es"), Literal(text)}
            assert [*graph.objects(URIRef(subject.value), OWL.deprecated)] == [Literal(False)]
