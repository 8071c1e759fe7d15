"""Four promises of every answer, held against the records themselves: all interventions, all themes, random criteria.

`independent_answers` reads the JSON of the fixtures and calls no rule of the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import gettext, override

from search.criteria.filters import read_criteria
from search.services.evidence_scope import gather_evidence
from search.web.evidence.basis import Basis
from search.web.evidence.intervention import basis_of_intervention
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence
from search.web.evidence.study_address import studies_url
from search.web.evidence.views import basis_of
from search.web.evidence.whole_answer import WholeAnswer, build_whole_answer
from studies.store import vocabularies
from studies.synthesis.comparators import COMPARATOR_KINDS
from tests import independent_answers as records
from tests.html_pages import page_of, text_of
from tests.independent_counts import bank, evaluations
from tests.search.random_criteria import random_criteria
from tests.studies.records_factory import fixture_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

GOOD = {"es": ("menos", "mejor", "más", "mejora"), "en": ("less", "fewer", "better", "more", "improvement")}
"""Words of a favourable direction: less of what is bad, more of what is good."""

LESS = {"es": ("menos",), "en": ("less", "fewer")}
WORKS = re.compile(
    r"\bfuncion(?:a|an|ó|aron)\b|(?<!costo-)\befectiv|\beficac|\beficaz|\bexitos|\béxito|\bcomprobad|"
    r"\bsirve para reducir|\bworks\b(?! (?:as|on)\b)|\bworked\b(?! out)|(?<!cost-)\beffective|"
    r"\befficac|\bsuccess|\bproven\b",
    re.IGNORECASE,
)
LEFT_OPEN = re.compile(
    "distint|sin dirección clara|sin que esté claro|mixto|different|differ|unclear|not clear|without a clear|mixed",
    re.IGNORECASE,
)
"""Words of what differs, or has no direction: no direction is hidden by them."""
NONE_FOUND = re.compile(
    r"ningun[ao]s? (?:de ellas )?(?:lo )?(?:encontr|hall|detect|vio|muestra)|none (?:of \S+ )*(?:found|showed?)|"
    r"no se (?:encontró|halló)|\bsin efecto\b|\bno effect\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Subject:
    """A body of evidence and its answer; `interventions` are those asked about, none for all."""

    name: str
    basis: Basis
    whole: WholeAnswer

    @property
    def studies(self) -> frozenset[str]:
        return frozenset(study.id for study in self.basis.studies)

    @property
    def interventions(self) -> frozenset[str]:
        return frozenset(self.basis.scope.interventions)

    @property
    def outcomes(self) -> frozenset[str]:
        return frozenset(self.basis.scope.outcomes)


def subjects(language: str) -> Iterator[Subject]:
    vocabulary = vocabularies.current()
    for term in vocabulary.terms("interventions"):
        basis = basis_of_intervention(term, vocabulary, language)
        yield Subject(term.code, basis, build_whole_answer(basis, term))
    themes = [f"theme={term.code}" for term in vocabulary.terms("themes")]
    for query in (*themes, *random_criteria(14, 200)):
        basis = basis_of(gather_evidence(read_criteria(QueryDict(query))), language)
        yield Subject(query, basis, build_whole_answer(basis))


@dataclass(frozen=True)
class Told:
    """What a row or a sentence tells of an outcome against a kind of comparator, and all that stands with it.

    `tells_elsewhere`: the sentences also tell what its evaluations show on other outcomes of violence, which `text`
    leaves out.
    """

    outcome: str
    kind: str
    text: str
    sentences: tuple[Sentence, ...]
    is_of_peru: bool = False
    tells_elsewhere: bool = False

    def findings(self, subject: Subject) -> list[records.TestedFinding]:
        """Return the tested findings of the records that it has to agree with."""
        studies = {id_ for id_ in subject.studies if not self.is_of_peru or "PE" in bank()[0][id_]["countries"]}
        return records.select(studies, subject.interventions, self.outcome, self.kind)


def told_in_tables(subject: Subject, language: str) -> Iterator[Told]:
    labels = outcomes_by_label(language)
    for group in subject.whole.answer.groups:
        for row in group.rows:
            sentences = (*row.measured, *row.effect, *row.one_by_one, *row.absolute)
            yield Told(row.code, group.kind, " ".join(map(str, sentences)), sentences)
            yield Told(row.code, group.kind, " ".join(map(str, row.briefly)), row.briefly)
        for sentence in group.others:
            label, _, text = str(sentence).partition(": ")
            yield Told(labels[label], group.kind, text, (sentence,))


def told_at_the_head(subject: Subject, language: str) -> Iterator[Told]:
    """Yield what the first sentences tell; each names its comparator before its outcome."""
    with override(language):
        kinds = {gettext(kind.name): kind.code for kind in COMPARATOR_KINDS}
        start, unknown = gettext("Frente a %(kind)s"), gettext("Sin dato de con qué se compara")
        unsorted = gettext("Comparación sin clasificar o sin dato")
        in_peru = gettext("En el Perú. %(rows)s") % {"rows": ""}
        elsewhere = gettext("en otros resultados de violencia, %(changes)s") % {"changes": ""}
    kinds = {start % {"kind": name}: code for name, code in kinds.items()} | {unknown: "none", unsorted: "none"}
    labels = outcomes_by_label(language)
    parts_of = re.compile(f"({'|'.join(map(re.escape, kinds))})[.]|({'|'.join(map(re.escape, labels))}): ")
    for sentence in subject.whole.answer.said:
        text, kind, places = str(sentence), None, list(parts_of.finditer(str(sentence)))
        for place, following in zip(places, [*places[1:], None], strict=False):
            if place[1]:
                kind = kinds[place[1]]
                continue
            assert kind is not None, f"no comparator: {text}"
            rest = text[place.end() : following.start() if following else None].partition(elsewhere)[0]
            yield Told(labels[place[2]], kind, rest, (sentence,), text.startswith(in_peru), elsewhere in text)


@cache
def outcomes_by_label(language: str) -> dict[str, str]:
    found = {term[language]: code for code, term in records.outcomes().items()}
    with override(language):
        # The vocabulary's name says that men told it, which is not always so.
        found[gettext("Violencia ejercida por hombres")] = "perpetration"
    return dict(sorted(found.items(), key=lambda each: -len(each[0])))


def texts_of(value: object) -> Iterator[str]:
    """Yield every text that a view model holds, whatever its place."""
    if isinstance(value, Sentence):
        yield str(value)
    elif isinstance(value, str):
        if not value.startswith(("/", "?")):  # an address may name an outcome such as cost-effectiveness
            yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_of(getattr(value, field.name))
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from texts_of(each)
    elif isinstance(value, dict):
        yield from texts_of(tuple(value.values()))


def own_words(text: str) -> str:
    """Return a text without what it quotes of records."""
    for quoted in records.record_texts():
        if len(quoted) <= len(text) and quoted in text:
            text = text.replace(quoted, "…")
    return text


def says(pattern: re.Pattern[str], text: str) -> bool:
    """Return True if the bank's own words in a text say it. To take out what it quotes is slow, and comes second."""
    return bool(pattern.search(text) and pattern.search(own_words(text)))


def listed(url: str) -> tuple[str, ...] | None:
    """Return the ids of the studies that an address lists; None of one that names criteria."""
    found = urlsplit(url)
    ids = parse_qs(found.query).get("id")
    if ids:
        return tuple(ids)
    page = re.fullmatch(r"(?:/en)?/(?:estudios|studies)/([a-z0-9-]+)/", found.path)
    return (page[1],) if page else None


def check_nothing_good_is_hidden(told: Told, subject: Subject, language: str) -> None:
    """What authors call favourable is told in the row: the direction's word stands in it, or why it has none."""
    found = told.findings(subject)
    good = [each for each in found if each.is_favourable]
    if not good:
        return
    words = LESS[language] if records.is_less_better(told.outcome) else GOOD[language]
    has_word = any(re.search(rf"\b{word}\b", told.text, re.IGNORECASE) for word in words)
    is_left_open = LEFT_OPEN.search(told.text)
    assert has_word or is_left_open, f"{subject.name}: {told.text} hides {good[0].study} {good[0].record}"
    assert not says(NONE_FOUND, told.text), f"{subject.name}: {told.text}"


def check_comparators(told: Told, subject: Subject, language: str, *, is_whole_row: bool) -> None:
    """What stands under a kind of comparator was compared with it, and a row quotes what the record says."""
    studies = {id_ for sentence in told.sentences for part in sentence.parts for id_ in listed(part.url) or ()}
    found = told.findings(subject)
    assert found, f"{subject.name}: nothing of {told.outcome} was compared with {told.kind}: {told.text}"
    if told.tells_elsewhere:
        found = [
            each
            for each in records.select(subject.studies, subject.interventions, kind=told.kind)
            if each.outcome == told.outcome or records.is_violence(each.outcome)
        ]
    assert {each.study for each in found} >= studies or told.kind != "none", f"{subject.name}: {told.text}"
    if not is_whole_row:
        return
    for study in studies & {each.study for each in found}:
        said = {each.record.get(f"comparator_{language}") for each in found if each.study == study}
        if said and None not in said:
            assert any(text in told.text for text in said), f"{subject.name}: {study} is compared with {said}"


def check_numbers(told: Told, subject: Subject) -> None:
    """A linked number is that of the evaluations whose studies its address lists."""
    outcome = None if told.tells_elsewhere else told.outcome
    for sentence in told.sentences:
        for part in sentence.parts:
            ids = listed(part.url) if part.url else None
            number = re.search(r"\d+", part.text)
            if ids is None or not re.fullmatch(r"[\d\u00a0\u202f,.]+(?: \w+)?", part.text):
                continue
            single = {records.evaluation_of(id_) for id_ in ids if not records.has_several_trials(id_)}
            # A list names studies: of one with several trials a sentence may tell any of them.
            several = [
                {each.evaluation for each in records.select([id_], subject.interventions, outcome, told.kind)}
                for id_ in ids
                if records.has_several_trials(id_)
            ]
            least = len(single) + any(single.isdisjoint(own) for own in several)
            most = len(single.union(*several))
            assert number is not None
            assert least <= int(number[0]) <= most, f"{subject.name}: {sentence}"


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["es", "en"])
class TestEveryAnswer:
    def test_keeps_its_four_promises(self, language: str):
        with override(language):
            walked = 0
            for subject in subjects(language):
                walked += 1
                for told in told_in_tables(subject, language):
                    check_nothing_good_is_hidden(told, subject, language)
                    check_numbers(told, subject)
                for group in subject.whole.answer.groups:
                    for row in group.rows:
                        sentences = (*row.measured, *row.effect, *row.one_by_one, *row.absolute)
                        whole = Told(row.code, group.kind, " ".join(map(str, sentences)), sentences)
                        check_comparators(whole, subject, language, is_whole_row=True)
                for told in told_at_the_head(subject, language):
                    check_nothing_good_is_hidden(told, subject, language)
                    check_numbers(told, subject)
                    check_comparators(told, subject, language, is_whole_row=False)
                for text in texts_of(subject.whole):
                    assert not says(WORKS, text), f"{subject.name}: {text}"
            assert walked > len(fixture_json("taxonomy")["interventions"])


class TestTheNumberOfEvaluations:
    def test_of_an_intervention_is_that_of_the_records_and_of_its_list(self, client: Client):
        with override("es"):
            for term in vocabularies.current().terms("interventions"):
                basis = basis_of_intervention(term, vocabularies.current(), "es")
                fact = build_whole_answer(basis, term).facts[0]
                expected = len(evaluations().get(term.code, ()))
                assert str(fact.text) == (str(expected) if expected else "Ninguna"), term.code


class TestPagesSay:
    @pytest.mark.thorough
    @pytest.mark.parametrize("start", ["", "/en"])
    def test_of_no_intervention_that_it_works(self, client: Client, start: str):
        names = ("/interventions/", "/themes/") if start else ("/intervenciones/", "/temas/")
        vocabulary = vocabularies.current()
        for path, kind in zip(names, ("interventions", "themes"), strict=True):
            for term in vocabulary.terms(kind):
                main = page_of(client, f"{start}{path}{term.code}/").find(".//main")
                for each in main.iter("p", "li", "td", "th", "h1", "h2", "h3", "caption", "dt", "dd", "summary"):
                    text = text_of(each)
                    assert not says(WORKS, text), text


class TestAPlantedFault:
    """Each promise can be broken: what its check is for."""

    @pytest.fixture
    def subject(self) -> Subject:
        (code, *_more) = self.good.interventions
        term = vocabularies.current().find("interventions", code)
        assert term is not None
        basis = basis_of_intervention(term, vocabularies.current(), "es")
        return Subject(code, basis, build_whole_answer(basis, term))

    @property
    def good(self) -> records.TestedFinding:
        """A favourable finding of a study of one trial whose record has words for its comparator."""
        return next(
            each
            for each in records.tested_findings()
            if each.is_favourable
            and each.record.get("comparator_es")
            and records.is_less_better(each.outcome)
            and not records.has_several_trials(each.study)
        )

    def told(self, text: str, kind: str = "", number: str = "1") -> Told:
        link = mark_link(number, studies_url((self.good.study,)))
        sentence = parse_sentence(f"{text} en {link}")
        return Told(self.good.outcome, kind or self.good.kind, str(sentence), (sentence,))

    def test_that_hides_a_favourable_finding_is_seen(self, subject: Subject):
        check_nothing_good_is_hidden(self.told("menos"), subject, "es")
        for text in ("sin diferencia clara", "ninguna encontró menos violencia"):
            with pytest.raises(AssertionError):
                check_nothing_good_is_hidden(self.told(text), subject, "es")

    def test_of_a_missing_or_another_comparator_is_seen(self, subject: Subject):
        said = self.good.record["comparator_es"]
        check_comparators(self.told(f"Se compara con: {said}"), subject, "es", is_whole_row=True)
        with pytest.raises(AssertionError):
            check_comparators(self.told("menos"), subject, "es", is_whole_row=True)
        with pytest.raises(AssertionError):
            check_comparators(self.told(said, kind="nowhere"), subject, "es", is_whole_row=True)

    def test_of_a_wrong_number_is_seen(self, subject: Subject):
        check_numbers(self.told("menos"), subject)
        for number in ("0", "2", "17"):
            with pytest.raises(AssertionError):
                check_numbers(self.told("menos", number=number), subject)

    @pytest.mark.parametrize(
        "text", ["Este programa funciona.", "Qué intervenciones son eficaces", "What works", "An effective programme"]
    )
    def test_of_calling_it_good_is_seen(self, text: str):
        assert WORKS.search(own_words(text))
