"""What the help page says about searching is true on the real bank (S2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from search.criteria.criteria import Criteria
from search.engines.memory.engine import MemoryEngine
from search.help.examples import EXAMPLES
from search.services import public_search
from studies.models import Study
from tests.thorough import mainly

LANGUAGES = ("es", "en")


def slugs(q: str) -> set[str]:
    return {record.id for record in public_search.iterate(Criteria(q=q))}


def chosen(**codes: str) -> set[str]:
    return {
        record.id for record in public_search.iterate(Criteria(chosen={name: (code,) for name, code in codes.items()}))
    }


def by_years(first: int, last: int) -> set[str]:
    return {record.id for record in public_search.iterate(Criteria(year_from=first, year_to=last))}


# By its Spanish query, what an example has to find.
MEANINGS: dict[str, Callable[[], set[str]]] = {
    "hombres escuela": lambda: slugs("hombres") & slugs("escuela"),
    "refugio O alquiler": lambda: slugs("refugio") | slugs("alquiler"),
    "transferencias -brasil": lambda: slugs("transferencias") - slugs('brasil "brasil"') - chosen(country="BR"),
    "(policía O juzgado) capacitación": lambda: (slugs("policía") | slugs("juzgado")) & slugs("capacitación"),
    "país:perú policía": lambda: chosen(country="PE") & slugs("policía"),
    "año:2015-2020 alcohol": lambda: by_years(2015, 2020) & slugs("alcohol"),
    "programa:juntos": lambda: chosen(programme="juntos"),
    "10.1186/s12916-014-0122-5": lambda: set(
        Study.objects.filter(doi="10.1186/s12916-014-0122-5").values_list("slug", flat=True)
    ),
    "título:alcohol": lambda: {
        study.slug
        for study in Study.objects.published()
        if "alcohol" in f"{study.title} {study.title_es} {study.title_en}".lower()
    },
}


@pytest.mark.usefixtures("memory_engine")
class TestExamples:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.es)
    def test_each_finds_studies_and_is_read_without_a_complaint(self, example, language):
        found = public_search.search(Criteria(q=example.query(language)))
        assert found.total
        assert not found.query.notes

    @pytest.mark.parametrize("spanish", mainly(4, MEANINGS))
    def test_each_means_what_it_says(self, spanish, memory_engine: MemoryEngine):
        assert spanish in {example.es for example in EXAMPLES}
        assert slugs(spanish) == MEANINGS[spanish]()

    def test_a_phrase_is_rarer_than_its_words_and_a_beginning_more_frequent_than_a_word(self):
        assert slugs('"violencia de pareja"') < slugs("violencia pareja")
        assert slugs("psico*") > slugs('"psicología"')

    def test_an_author_is_one_who_signs(self):
        families = {
            study.slug: [authorship.family for authorship in study.authorships.all()]
            for study in Study.objects.filter(slug__in=slugs("autor:agüero")).prefetch_related("authorships")
        }
        assert all("Agüero" in " ".join(names).split() for names in families.values()), families
