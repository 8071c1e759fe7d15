"""To which concepts words lead, and what these add (S3)."""

import pytest

from search.query.thesaurus import AddedConcept, Thesaurus, ThesaurusConcept, ThesaurusWord
from search.query.tree import Expansion, Phrase, Word
from search.text.analysis import iterate_words

CONCEPTS = [
    ThesaurusConcept("response", es=("respuesta",), en=("response",), codes=frozenset({("intervention", "response")})),
    ThesaurusConcept("police", es=("policía",), en=("police", "police officers"), broader="response"),
    ThesaurusConcept("cameras", es=("cámaras",), broader="police", codes=frozenset({("intervention", "cameras")})),
    ThesaurusConcept("school", es=("escuela",), expand="one-level"),
    ThesaurusConcept("lessons", es=("clases",), broader="school"),
    ThesaurusConcept("homework", es=("tareas",), broader="lessons"),
    ThesaurusConcept("violence", es=("violencia contra la mujer",), expand="own-words-only"),
    ThesaurusConcept("femicide", es=("feminicidio",), broader="violence"),
    ThesaurusConcept("silent", es=("silencio",), expand="no"),
    ThesaurusConcept("who", es=("OMS",), typed=("WHO", "antes y después", "oms2"), only_in_capitals=True),
    ThesaurusConcept("image", en=("IMAGE study",), typed=("IMAGE", "imagen")),
    ThesaurusConcept("land", es=("tierras", "tenencia"), is_ambiguous=True),
    ThesaurusConcept("custody", es=("custodia", "tenencia"), en=("custody",), is_ambiguous=True),
]
THESAURUS = Thesaurus(CONCEPTS)


def run(text):
    return [stems for _, _, stems in iterate_words(text)]


def concepts(text):
    return THESAURUS.find_concepts(run(text), text)


def reached(slug, *without):
    return list(THESAURUS.iterate_reached([slug], frozenset(without)))


class TestLeadingWords:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("policía", {"police"}),
            ("POLICIAS", {"police"}),
            ("police officer", {"police"}),
            ("officers", set()),
            ("Violencia contra las mujeres", {"violence"}),
            ("violencia mujer", set()),
            ("tenencia", {"land", "custody"}),
            ("", set()),
        ],
    )
    def test_lead_as_whole_phrases_in_either_language_and_any_form(self, typed, found):
        assert set(concepts(typed)) == found

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("WHO", {"who"}),
            ("who", set()),
            ("Who", set()),
            ("OMS", {"who"}),
            ("oms", {"who"}),
            ("Antes y Después", {"who"}),
            ("OMS2", {"who"}),
            ("oms2", set()),
            ("IMAGE", {"image"}),
            ("image", set()),
            ("Imagen", {"image"}),
        ],
    )
    def test_that_are_only_typed_lead_with_a_capital_as_they_are_written(self, typed, found):
        assert set(concepts(typed)) == found

    def test_are_measured_by_their_first_word(self):
        assert THESAURUS.count_longest_from(run("violencias")[0]) == 4
        assert THESAURUS.count_longest_from(run("mujer")[0]) == 0
        assert Thesaurus().count_longest_from(run("mujer")[0]) == 0


class TestWordsApart:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("mujer contra la que hay violencia", []),
            ("la violencia de género que sufre cada mujer", []),
            ("officers of the police", [({0, 3}, {"police"})]),
            ("policía", []),
            ("imagen", []),
        ],
    )
    def test_lead_to_the_concept_that_has_them_in_one_phrase(self, typed, found):
        words = [(typed[start:end], stems) for start, end, stems in iterate_words(typed)]
        assert [(set(places), set(slugs)) for places, slugs in THESAURUS.find_apart(words)] == found

    def test_may_be_inflected(self):
        thesaurus = Thesaurus([ThesaurusConcept("control", typed=("revisar el celular",))])
        words = [(word, next(iterate_words(word))[2]) for word in ("celular", "que", "revisan")]
        assert thesaurus.find_apart(words) == [(frozenset({0, 2}), ("control",))]


class TestExpansion:
    def test_goes_down_and_never_up(self):
        assert reached("response") == ["response", "police", "cameras"]
        assert reached("cameras") == ["cameras"]

    @pytest.mark.parametrize(
        ("slug", "found"),
        [
            ("school", ["school", "lessons"]),
            ("violence", ["violence"]),
            ("silent", []),
            ("lessons", ["lessons", "homework"]),
        ],
    )
    def test_goes_as_far_as_the_concept_says(self, slug, found):
        assert reached(slug) == found

    def test_holds_words_and_codes_of_all_that_is_reached(self):
        assert THESAURUS.expand(("police",)) == Expansion(
            (
                Word("policia", "policia"),
                Word("polic", "police"),
                Phrase(("polic", "officer"), ("police", "officer")),
                Word("camara", "camara"),
            ),
            frozenset({("intervention", "cameras")}),
        )

    def test_leaves_out_what_is_switched_off_with_what_is_below(self):
        assert reached("response", "police") == ["response"]
        assert reached("response", "response") == []
        assert THESAURUS.expand(("response",), frozenset({"police", "unknown"})).codes == {("intervention", "response")}

    def test_holds_phrases_with_an_article_in_both_numbers(self):
        assert [leaf.es for leaf in THESAURUS.expand(("violence",)).leaves] == [
            ("violencia", "contra", "la", "mujer"),
            ("violencia", "contra", "las", "mujer"),
        ]

    def test_never_holds_words_that_are_ambiguous_or_only_typed(self):
        assert THESAURUS.expand(("custody",)).leaves == (Word("custodia", "custodia"), Word("custody", "custody"))
        assert THESAURUS.expand(("who",)).leaves == (Word("oms", "oms"),)

    def test_survives_a_loop_of_concepts(self):
        looped = Thesaurus(
            [ThesaurusConcept("a", es=("agua",), broader="b"), ThesaurusConcept("b", es=("barro",), broader="a")]
        )
        assert list(looped.iterate_reached(["a"])) == ["a", "b"]


class TestTelling:
    def test_words_added_are_listed_without_what_was_typed(self):
        assert THESAURUS.list_added(["police"], run("policías")) == (
            AddedConcept("police", (ThesaurusWord("police", "en"), ThesaurusWord("police officers", "en"))),
            AddedConcept("cameras", (ThesaurusWord("cámaras", "es"),)),
        )

    def test_a_meaning_is_shown_by_a_word_of_its_own(self):
        told = THESAURUS.list_meanings(["custody", "land"], run("tenencia"))
        assert [(meaning.slug, meaning.word.text) for meaning in told] == [("custody", "custodia"), ("land", "tierras")]

    def test_a_concept_is_called_by_its_most_usual_word(self):
        assert THESAURUS.label("police", "en") == ThesaurusWord("police", "en")
        assert THESAURUS.label("cameras", "en") == ThesaurusWord("cámaras", "es")
        assert THESAURUS.label("unknown", "es") is None
