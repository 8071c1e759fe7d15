"""How a query is parsed (S2): its tree, its notes, and its parts for the explanation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query.names import NamedCode, NameIndex
from search.query.parsed_query import ParsedQuery, QueryPart
from search.query.parser import parse
from search.query.resolver import MOST_WORDS
from search.query.thesaurus import AddedConcept, Thesaurus, ThesaurusConcept, ThesaurusWord
from search.query.tokenizer import DEEPEST_NESTING, LONGEST_QUERY, QueryNote
from search.query.tree import (
    AllOf,
    AnyOf,
    CodeMatch,
    Doi,
    Everything,
    Expansion,
    MostOf,
    Not,
    Phrase,
    Prefix,
    WithExpansion,
    Word,
    YearRange,
    iterate_sought_leaves,
)

NAMES = NameIndex(
    [
        NamedCode("country", "BR", ("Brasil", "Brazil")),
        NamedCode("country", "US", ("Estados Unidos", "United States")),
        NamedCode("country", "TT", ("Trinidad y Tobago", "Trinidad and Tobago")),
        NamedCode("country", "SV", ("El Salvador",)),
        NamedCode("theme", "autonomy", ("Autonomía de las mujeres", "Women's autonomy")),
        NamedCode("programme", "equality", ("Hombres por la Igualdad", "Men for Equality")),
        NamedCode("programme", "what-works", ("What works to heal",)),
    ]
)
NO_NAMES = NameIndex()


def tree(text, names=NO_NAMES):
    return parse(text, names).node


def written(node):
    """Write a tree as its Spanish tokens: short to compare."""
    match node:
        case Word(es=es, field=field):
            return _in(field) + es
        case Phrase(es=es, field=field):
            return _in(field) + '"' + " ".join(es) + '"'
        case Prefix(letters=letters, field=field):
            return _in(field) + letters + "*"
        case CodeMatch(codes):
            return "+".join(sorted(code for _, code in codes))
        case YearRange(first, last):
            return f"{first or ''}..{last or ''}"
        case WithExpansion(own, added):
            return f"{written(own)}~{len(added.leaves)}"
        case Doi(value):
            return f"doi:{value}"
        case Not(part):
            return f"-{written(part)}"
        case Everything():
            return "*"
        case MostOf(parts):
            return "{" + " ".join(map(written, parts)) + "}"
        case AllOf(parts) | AnyOf(parts):
            return "(" + (" " if isinstance(node, AllOf) else " | ").join(map(written, parts)) + ")"


def _in(field):
    return f"{field}:" if field else ""


def notes(text, names=NO_NAMES):
    return [note.code for note in parse(text, names).notes]


class TestGrammar:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", "*"),
            ("mujeres", "mujer"),
            ("acoso abuso", "(acoso abuso)"),
            ("acoso acosos", "acoso"),
            ('"acoso en la calle"', '"acoso en la call"'),
            ("“acoso callejero” «trata interna»", '("acoso callejer" "trata interna")'),
            ('"acoso"', "acoso"),
            ("acoso -abuso", "(acoso -abuso)"),
            ('acoso -"trata interna"', '(acoso -"trata interna")'),
            ("acoso NO abuso", "(acoso -abuso)"),
            ("acoso NOT abuso", "(acoso -abuso)"),
            ("-acoso", "(* -acoso)"),
            ("acoso O abuso", "(acoso | abuso)"),
            ("acoso OR abuso OR trata", "(acoso | abuso | trata)"),
            ("acoso Y abuso AND trata", "(acoso abuso trata)"),
            ("acoso abuso O trata", "((acoso abuso) | trata)"),
            ("acoso (abuso O trata)", "(acoso (abuso | trata))"),
            ("(acoso abuso) trata", "(acoso abuso trata)"),
            ("(acoso O abuso) O trata", "(acoso | abuso | trata)"),
            ("acoso NO (abuso O trata)", "(acoso -(abuso | trata))"),
            ("acoso -(abuso trata)", "(acoso -(abuso trata))"),
            ("acoso O -abuso", "(acoso | (* -abuso))"),
            ("(-acoso abuso)", "(-acoso abuso)"),
            ("acoso NO NO abuso", "(acoso -abuso)"),
            ("trata -(-acoso)", "(trata -(* -acoso))"),
        ],
    )
    def test_a_query_gives_its_tree(self, query, expected):
        assert written(tree(query)) == expected

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("ACOSO O ABUSO", "(acoso abuso)"),
            ("ACOSO NO ABUSO", "(acoso no abuso)"),
            ("NO", "no"),
            ("acoso o abuso", "(acoso abuso)"),
            ("acoso y abuso", "(acoso abuso)"),
            ("acoso no abuso", "(acoso no abuso)"),
            ("No a la trata", "(no trata)"),
            ("NO a la trata", "(no trata)"),
        ],
    )
    def test_operators_are_capitals_among_other_letters(self, query, expected):
        assert written(tree(query)) == expected

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("costo-efectividad", '"costo efectividad"'),
            ("acoso - abuso", "(acoso abuso)"),
            ("acoso -5", "(acoso 5)"),
            ("acoso --abuso", "(acoso abuso)"),
            ("1990-2000", '"1990 2000"'),
        ],
    )
    def test_a_hyphen_excludes_only_after_a_space_and_before_a_letter(self, query, expected):
        assert written(tree(query)) == expected

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("madres/padres, niño(s)", "(madr padr nino)"),
            ("tema:b clave: d", "(tema b clav d)"),
            ("acoso:abuso", "(acoso abuso)"),
            ("viol*encia", "(viol encia)"),
            ("vi* acoso", "(vi acoso)"),
            ('"viol* dom*"', '"viol dom"'),
        ],
    )
    def test_what_is_no_operator_is_plain_words(self, query, expected):
        assert written(tree(query)) == expected

    def test_a_word_has_its_token_under_both_rule_sets(self):
        assert tree("policies") == Word("polici", "policy")


class TestPrefixes:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("viol*", "viol*"),
            ("VIÓL*", "viol*"),
            ("acoso -viol*", "(acoso -viol*)"),
            ("viol* O abus*", "(viol* | abus*)"),
            ("costo-efect*", "(costo efect*)"),
            ("viol*, abuso", "(viol* abuso)"),
            ("viol**", "viol*"),
            ("título:viol*", "title:viol*"),
        ],
    )
    def test_a_star_after_three_letters_seeks_beginnings(self, query, expected):
        assert written(tree(query)) == expected

    def test_a_prefix_has_the_tokens_of_its_letters_and_the_names_that_it_begins(self):
        assert tree("violencias*") == Prefix("violencias", "violencia", "violencia")
        assert tree("bras*", NAMES).codes == {("country", "BR")}
        assert not tree("acoso -bras*", NAMES).parts[1].part.codes

    def test_a_shorter_one_is_a_word_with_a_note(self):
        assert notes("vi*") == ["short-prefix"]
        assert notes("p*?a*b*") == ["short-prefix"]


class TestFields:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("título:acoso", "title:acoso"),
            ("TITULO:acoso", "title:acoso"),
            ("title: acoso", "title:acoso"),
            ("título:acoso abuso", "(title:acoso abuso)"),
            ('título:"trata interna" abuso', '(title:"trata interna" abuso)'),
            ("título:(acoso O abuso) trata", "((title:acoso | title:abuso) trata)"),
            ("acoso -título:abuso", "(acoso -title:abuso)"),
            ("acoso NO autor:aguero", "(acoso -authors:aguero)"),
            ("autor:aguero O author:bott", "(authors:aguero | authors:bott)"),
            ("título: autor:acoso", "authors:acoso"),
            ("título:(autor:acoso abuso)", "(title:acoso title:abuso)"),
            ("título:la", "title:la"),
            ("año:2015-2020", "2015..2020"),
            ("año:2015–2020", "2015..2020"),
            ("year:2020-2015", "2015..2020"),
            ("ano:2015", "2015..2015"),
            ("año:2015-", "2015.."),
            ("año:-2020 acoso", "(..2020 acoso)"),
            ("acoso -año:2015", "(acoso -2015..2015)"),
            ("(año:2015 O año:2017-) acoso", "((2015..2015 | 2017..) acoso)"),
            ("doi:10.1257/app.1", "doi:10.1257/app.1"),
            ("doi:https://doi.org/10.1257/APP.1", "doi:10.1257/app.1"),
        ],
    )
    def test_a_field_restricts_what_follows_it(self, query, expected):
        assert written(tree(query)) == expected
        assert not notes(query)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("país:brasil", "BR"),
            ("pais:BR acoso", "(BR acoso)"),
            ("country:brazil", "BR"),
            ("país:estados unidos acoso", "(US acoso)"),
            ('país:"estados unidos"', "US"),
            ("país:estados", "US"),
            ("país:bras*", "BR"),
            ("acoso -país:brasil", "(acoso -BR)"),
            ("acoso NO país:(brasil O us)", "(acoso -(BR | US))"),
            ("programa:igualdad", "equality"),
            ("programme:EQUALITY acoso", "(equality acoso)"),
            ("programa:hombres por la igualdad", "equality"),
        ],
    )
    def test_countries_and_programmes_are_found_by_name_or_code(self, query, expected):
        assert written(tree(query, NAMES)) == expected
        assert not notes(query, NAMES)

    @pytest.mark.parametrize(
        ("query", "expected", "codes"),
        [
            ("país:narnia acoso", "(narnia acoso)", ["unknown-country"]),
            ("país:igualdad", "igualdad", ["unknown-country"]),
            ("programa:narnia", "narnia", ["unknown-programme"]),
            ("acoso -país:narnia", "(acoso -narnia)", ["unknown-country"]),
            ("año:hoy acoso", "(ano hoy acoso)", ["unreadable-field"]),
            ("año:20155", "(ano 20155)", ["unreadable-field"]),
            ("doi:acoso", "(doi acoso)", ["unreadable-field"]),
            ("título: O acoso", "acoso", ["operator-without-word"]),
            ("(título:acoso) título:", "(title:acoso titulo)", []),
        ],
    )
    def test_an_invalid_value_of_a_field_is_plain_words_with_a_note(self, query, expected, codes):
        assert written(tree(query, NAMES)) == expected
        assert notes(query, NAMES) == codes

    def test_a_word_in_a_field_reaches_no_code(self):
        assert not tree("título:brasil", NAMES).codes
        assert written(tree("título:(estados unidos)", NAMES)) == "(title:estad title:unido)"


class TestStopWords:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("la trata de niñas", "(trata nina)"),
            ("sin trata no", "(sin trata no)"),
            ("de la", "(de la)"),
            ("O", "o"),
            ('"Ni Una Menos"', '"ni una meno"'),
            ("de -acoso", "(* -acoso)"),
            ("acoso -de", "acoso"),
            ("de O acoso", "acoso"),
        ],
    )
    def test_they_go_from_plain_words_unless_nothing_else_is_there(self, query, expected):
        assert written(tree(query)) == expected

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("¿Qué funciona contra el acoso?", "acoso"),
            ("¿Qué funciona con niñas?", "nina"),
            ("What works against harassment?", "harassment"),
            ("what is known about dowry", "dowry"),
            ("estudios sobre acoso", "acoso"),
            ("evidence on dowry", "dowry"),
            ("estudios de caso", "caso"),
            ("estudios", "estudio"),
            ("qué funciona", "funciona"),
            ("acoso qué funciona", "acoso"),
            ('"qué funciona" acoso', '("que funciona" acoso)'),
        ],
    )
    def test_a_pasted_question_loses_its_beginning(self, query, expected):
        assert written(tree(query)) == expected

    def test_the_lost_beginning_gets_a_note(self):
        assert parse("¿Qué funciona contra el acoso?", NO_NAMES).notes == (
            QueryNote("question-words", "Qué funciona contra"),
        )

    def test_a_name_is_no_question(self):
        assert not parse("What works to heal", NAMES).notes


class TestWeakWords:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("¿sirve prevenir el acoso?", "acoso"),
            ("does it reduce harassment", "harassment"),
            ("¿funciona?", "funciona"),
            ("contra", "contra"),
            ("acoso -evidencia", "(acoso -evidencia)"),
            ("título:efecto acoso", "(title:efecto acoso)"),
            ("acoso IMPACTO", "(acoso impacto)"),
        ],
    )
    def test_are_left_out_beside_words_that_tell_more(self, query, expected):
        assert written(tree(query)) == expected

    def test_are_told(self):
        assert parse("acoso evita reduce", NO_NAMES).notes == (QueryNote("question-words", "evita, reduce"),)

    def test_belong_to_a_name(self):
        assert "work" in written(tree("what works to heal", NAMES))


class TestEverydayWords:
    THESAURUS = Thesaurus(
        [
            ThesaurusConcept(
                "disability",
                es=("mujeres con discapacidad",),
                typed=("discapacidad",),
                codes=frozenset({("population", "disability")}),
            ),
            ThesaurusConcept("trafficking", es=("trata de personas",), typed=("trata",)),
        ]
    )

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("discapacidad", "~1"),
            ("mujeres con discapacidad", '"mujer con discapacidad"~1'),
            ("trata", "trata~1"),
            ('"discapacidad"', "discapacidad"),
        ],
    )
    def test_that_only_lead_to_a_code_are_not_sought_in_other_phrases(self, query, expected):
        assert written(parse(query, NO_NAMES, self.THESAURUS).node) == expected


class TestAcronymsAndNumbers:
    THESAURUS = Thesaurus(
        [
            ThesaurusConcept(
                "juntos", es=("programa Juntos",), typed=("JUNTOS",), codes=frozenset({("programme", "j")})
            ),
            ThesaurusConcept("pension", es=("Pensión 65",), en=("old-age pension",)),
        ]
    )

    def test_an_acronym_that_is_known_in_capitals_is_no_everyday_word(self):
        assert written(parse("JUNTOS", NO_NAMES, self.THESAURUS).node) == '"programa junto"~1'
        assert written(parse("juntos", NO_NAMES, self.THESAURUS).node) == "junto"

    def test_a_number_matches_beside_its_word(self):
        assert written(parse("Pensión 65", NO_NAMES, self.THESAURUS).node) == '"pension 65"~2'


class TestManyWords:
    def test_need_not_all_be_matched(self):
        assert written(tree("acoso trata dote alcohol bares")) == "{acoso trata dot alcohol bar}"
        assert notes("acoso trata dote alcohol bares") == ["most-words"]
        assert written(tree("acoso trata dote alcohol")) == "(acoso trata dot alcohol)"

    def test_are_fewer_in_a_question(self):
        assert written(tree("¿acoso trata dote?")) == "{acoso trata dot}"
        assert written(tree("¿acoso trata?")) == "(acoso trata)"

    @pytest.mark.parametrize(
        "query",
        ["acoso Y trata dote alcohol bares", "acoso (trata dote alcohol bares)", "acoso O trata dote alcohol bares y"],
    )
    def test_must_all_be_matched_beside_operators(self, query):
        assert "{" not in written(tree(query))

    def test_must_all_be_matched_if_only_they_are_wanted(self):
        assert written(parse("acoso trata dote alcohol bares", NO_NAMES, exact=True).node).startswith("(")

    def test_leave_phrases_fields_and_exclusions_as_they_are(self):
        assert written(tree('acoso trata dote alcohol bares "la calle" -brasil')) == (
            '({acoso trata dot alcohol bar} "la call" -brasil)'
        )


class TestSubject:
    """What the whole bank is about need not be said by a study, beside words that tell more."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("violencia dote", "((* | violencia) dot)"),
            ("acoso a las mujeres", "(acoso (* | mujer))"),
            ("violencia mujeres", "(violencia mujer)"),
            ("violencia Y dote", "(violencia dot)"),
            ("violencia -dote", "(violencia -dot)"),
            ('violencia "la dote"', '(violencia "la dot")'),
            ("título:violencia dote", "(title:violencia dot)"),
        ],
    )
    def test_only_adds_to_the_score(self, query, expected):
        assert written(tree(query)) == expected

    def test_counts_among_many_words_but_is_none_of_those_of_which_most_are_enough(self):
        assert written(tree("¿violencia trata dote?")) == "((* | violencia) {trata dot})"

    def test_is_told(self):
        assert parse("violencia dote", NO_NAMES).notes == (QueryNote("subject-words", "violencia"),)
        assert notes("violencia") == []

    def test_is_sought_if_only_the_words_themselves_are_wanted(self):
        assert written(parse("violencia dote", NO_NAMES, exact=True).node) == "(violencia dot)"


class TestIntents:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("¿cuánto cuesta el acoso?", ("outcome", "cost-effectiveness")),
            ("how many women", ("outcome", "prevalence")),
            ("¿cuántas mujeres?", ("role", "none")),
            ("¿qué daño hace el acoso?", ("exposure", "partner-violence")),
            ("¿qué funciona contra el acoso?", ("role", "evaluated")),
            ("why harassment", ("design_family", "observational")),
        ],
    )
    def test_prefer_the_studies_that_answer_such_a_question(self, query, code):
        parsed = parse(query, NO_NAMES)
        assert any(code in codes for codes in parsed.preferred)
        assert isinstance(parsed.rank(parsed.node), AllOf)

    def test_are_none_in_plain_words(self):
        parsed = parse("acoso", NO_NAMES)
        assert not parsed.preferred
        assert parsed.rank(parsed.node) == parsed.node


class TestDois:
    @pytest.mark.parametrize(
        "typed",
        [
            "10.1016/S0140-6736(06)69436-8",
            "doi:10.1016/s0140-6736(06)69436-8",
            "DOI: 10.1016/S0140-6736(06)69436-8.",
            "https://doi.org/10.1016/S0140-6736(06)69436-8",
            "http://dx.doi.org/10.1016%2FS0140-6736(06)69436-8",
            "(https://doi.org/10.1016/S0140-6736(06)69436-8)",
            '"10.1016/S0140-6736(06)69436-8"',
            "https://www.thelancet.com/doi/full/10.1016/S0140-6736(06)69436-8?x=1",
        ],
    )
    def test_a_doi_in_any_form_is_not_analysed(self, typed):
        assert tree(typed) == Doi("10.1016/s0140-6736(06)69436-8")
        assert not notes(typed)

    def test_dois_go_with_operators(self):
        assert written(tree("10.1257/app.1 O 10.1257/APP.2")) == "(doi:10.1257/app.1 | doi:10.1257/app.2)"
        assert written(tree("acoso NO 10.1257/app.1")) == "(acoso -doi:10.1257/app.1)"

    def test_another_address_is_a_phrase_with_a_note(self):
        parsed = parse("https://example.org/acoso", NO_NAMES)
        assert isinstance(parsed.node, Phrase)
        assert parsed.notes == (QueryNote("address", "https://example.org/acoso"),)


class TestNames:
    def test_a_word_carries_the_codes_of_names_that_hold_it(self):
        assert tree("mujeres", NAMES) == Word("mujer", "mujer", frozenset({("theme", "autonomy")}))

    def test_an_excluded_word_carries_only_codes_that_are_named_so_as_a_whole(self):
        assert tree("acoso -brasil", NAMES).parts[1] == Not(Word("brasil", "brasil", frozenset({("country", "BR")})))
        assert tree("acoso -mujeres", NAMES).parts[1] == Not(Word("mujer", "mujer"))
        assert tree("acoso NO (mujeres O brasil)", NAMES).parts[1].part.parts[0] == Word("mujer", "mujer")

    def test_what_is_excluded_twice_carries_the_codes_of_names_that_hold_it(self):
        inner = tree("acoso NO (abuso NO mujeres)", NAMES).parts[1].part
        assert inner.parts[1] == Not(Word("mujer", "mujer", frozenset({("theme", "autonomy")})))

    def test_a_whole_name_leads_to_its_code_and_its_words_still_match(self):
        node = tree("acoso estados unidos", NAMES)
        assert written(node) == '(acoso ((estad unido) | "estad unido"))'
        assert node.parts[1].parts[1].codes == {("country", "US")}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("hombres por la igualdad", '((hombr igualdad) | "hombr por la igualdad")'),
            ("trinidad y tobago", '((trinidad tobago) | "trinidad y tobago")'),
            ("El Salvador", '"el salvador"'),
            ("estados Y unidos", "(estad unido)"),
            ('estados "unidos"', "(estad unido)"),
            ("brasil O estados unidos", '(brasil | (estad unido) | "estad unido")'),
        ],
    )
    def test_only_adjacent_plain_words_are_a_name(self, query, expected):
        assert written(tree(query, NAMES)) == expected

    def test_a_quoted_name_carries_its_code(self):
        assert tree('"estados unidos"', NAMES).codes == {("country", "US")}
        assert tree('-"estados unidos"', NAMES).parts[1].part.codes == {("country", "US")}


THESAURUS = Thesaurus(
    [
        ThesaurusConcept(
            "transfers", es=("transferencias monetarias", "bono"), en=("cash transfer",), codes=frozenset({("i", "t")})
        ),
        ThesaurusConcept("juntos", es=("programa Juntos",), typed=("Juntos",), broader="transfers"),
        ThesaurusConcept("who", es=("OMS",), en=("World Health Organization",), typed=("WHO",), only_in_capitals=True),
        ThesaurusConcept("un-women", en=("UN Women",), es=("ONU Mujeres",)),
        ThesaurusConcept("nurses", es=("visitas de enfermeras", "visitas domiciliarias"), is_ambiguous=True),
        ThesaurusConcept("police", es=("visitas policiales", "visitas domiciliarias"), is_ambiguous=True),
        ThesaurusConcept("states", es=("Estados Unidos de América",)),
    ]
)


def widened(text, without=(), exact=False):
    return parse(text, NAMES, THESAURUS, without=frozenset(without), exact=exact)


class TestThesaurus:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("bono", "bono~4"),
            ("CASH TRANSFERS", '((cash transfer) | "cash transfer")~4'),
            ("el bono rural", "(bono~4 rural)"),
            ("bono O acoso", "(bono~4 | acoso)"),
            ("acoso -bono", "(acoso -bono)"),
            ("acoso NO (bono rural)", "(acoso -(bono rural))"),
            ("acoso NO (abuso NO (bono rural))", "(acoso -(abuso -(bono~4 rural)))"),
            ('"bono"', "bono"),
            ("título:bono", "title:bono"),
            ("bon*", "bon*"),
            ("Juntos", "junto~1"),
            ("juntos", "junto"),
            ("WHO", '(oms | "world health organization")~2'),
            ("who bono", "bono~4"),
            ("UN Women", '"un woman"~2'),
            ("un", "un"),
            ("https://example.org/bono", '"http exampl org bono"'),
        ],
    )
    def test_words_lead_to_their_concept(self, query, expected):
        assert written(widened(query).node) == expected

    def test_the_longest_phrase_wins_over_a_shorter_name(self):
        parsed = widened("estados unidos de américa")
        assert written(parsed.node).endswith("~1")
        assert [added.slug for added in parsed.added] == ["states"]

    def test_what_was_added_is_listed_without_what_was_typed(self):
        assert widened("cash transfers").added == (
            AddedConcept("transfers", (ThesaurusWord("transferencias monetarias", "es"), ThesaurusWord("bono", "es"))),
            AddedConcept("juntos", (ThesaurusWord("programa Juntos", "es"),)),
        )

    def test_codes_are_added_with_the_words(self):
        assert widened("bono").node.added.codes == {("i", "t")}

    def test_a_concept_that_is_switched_off_adds_nothing_nor_what_is_below_it(self):
        parsed = widened("bono", ["transfers"])
        assert (parsed.node, parsed.added, parsed.switched_off) == (Word("bono", "bono"), (), ("transfers",))
        parsed = widened("bono", ["juntos", "nada"])
        assert written(parsed.node) == "bono~3"
        assert parsed.switched_off == ("juntos",)

    def test_exact_words_reach_no_concept_but_belong_together_all_the_same(self):
        parsed = widened("bono UN Women visitas domiciliarias", exact=True)
        assert written(parsed.node) == '(bono "un woman" ((visita domiciliari) | "visita domiciliari"))'
        assert (parsed.added, parsed.ambiguous_words) == ((), ())

    def test_an_ambiguous_word_adds_nothing_and_offers_a_query_for_each_meaning(self):
        parsed = widened("acoso visitas domiciliarias O abuso")
        assert parsed.added == ()
        (choice,) = parsed.ambiguous_words
        assert choice.text == "visitas domiciliarias"
        assert [(meaning.slug, query) for meaning, query in choice.meanings] == [
            ("nurses", "acoso visitas de enfermeras O abuso"),
            ("police", "acoso visitas policiales O abuso"),
        ]

    def test_an_ambiguous_word_is_never_added(self):
        assert widened("visitas policiales").node.added == Expansion(
            (Phrase(("visita", "policial"), ("visita", "policial")),)
        )

    def test_what_was_added_is_marked_too(self):
        assert len(list(iterate_sought_leaves(widened("bono").node))) == 5


class TestNotes:
    @pytest.mark.parametrize(
        ("query", "expected", "codes"),
        [
            ('"acoso abuso', "(acoso abuso)", ["unbalanced-quote"]),
            ('"acoso" "abuso', "(acoso abuso)", ["unbalanced-quote"]),
            ("(acoso abuso", "(acoso abuso)", ["unbalanced-parenthesis"]),
            ("acoso) abuso", "(acoso abuso)", ["unbalanced-parenthesis"]),
            ("acoso O", "acoso", ["operator-without-word"]),
            ("Y acoso", "acoso", ["operator-without-word"]),
            ("acoso O O abuso", "(acoso | abuso)", ["operator-without-word"]),
            ("acoso Y Y abuso", "(acoso abuso)", ["operator-without-word"]),
            ("acoso NO", "acoso", ["operator-without-word"]),
            ("***", "*", ["no-words"]),
            ("()", "*", ["no-words"]),
            ('""', "*", ["no-words"]),
            ("\x00", "*", []),
            ("acoso\x00abuso", "(acoso abuso)", []),
            ("acoso ()", "acoso", []),
        ],
    )
    def test_what_cannot_be_read_gets_a_note_and_the_rest_is_searched(self, query, expected, codes):
        assert written(tree(query)) == expected
        assert notes(query) == codes

    def test_a_query_is_read_up_to_a_word_boundary_within_its_bound(self):
        parsed = parse("acoso " + "x" * LONGEST_QUERY, NO_NAMES)
        assert written(parsed.node) == "acoso"
        assert parsed.notes == (QueryNote("too-long", str(LONGEST_QUERY)),)
        assert notes("acoso " + " " * LONGEST_QUERY) == []
        assert isinstance(tree("x" * 100_000), Word)

    def test_words_are_searched_up_to_their_limit(self):
        parsed = parse(" ".join(f"w{number} Y" for number in range(MOST_WORDS + 3)) + " w", NO_NAMES)
        assert len(parsed.node.parts) == MOST_WORDS
        assert parsed.notes == (QueryNote("too-many-words", str(MOST_WORDS)),)
        phrase = tree('"' + "a " * 100 + '"')
        assert len(phrase.es) == MOST_WORDS

    def test_parentheses_are_read_up_to_their_bound(self):
        inside = "(acoso O trata) abuso"
        assert notes("(" * (DEEPEST_NESTING - 1) + inside + ")" * (DEEPEST_NESTING - 1)) == []
        deep = "(" * DEEPEST_NESTING + inside + ")" * DEEPEST_NESTING
        assert parse(deep, NO_NAMES).notes == (QueryNote("too-deep", str(DEEPEST_NESTING)),)
        assert written(tree("(" * 150 + "acoso" + ")" * 140)) == "acoso"


class TestUnderstood:
    def test_each_part_keeps_what_was_typed(self):
        parsed = parse('Acoso (Abuso O "trata de niñas") -Brasil estados unidos', NAMES)
        assert parsed.parts == (
            QueryPart("word", "Acoso"),
            QueryPart(
                "alternatives",
                'Abuso O "trata de niñas"',
                (QueryPart("word", "Abuso"), QueryPart("phrase", "trata de niñas")),
            ),
            QueryPart("excluded", "Brasil", (QueryPart("word", "Brasil"),)),
            QueryPart("name", "estados unidos"),
        )

    def test_a_branch_of_several_words_is_a_group(self):
        (alternatives,) = parse("(acoso abuso) O trata", NO_NAMES).parts
        assert alternatives.text == "(acoso abuso) O trata"
        assert [part.kind for part in alternatives.parts] == ["group", "word"]

    @pytest.mark.parametrize("query", ["", "acoso", "la trata de niñas", "estados unidos", "10.1257/app.1"])
    def test_plain_words_need_no_explanation(self, query):
        assert parse(query, NAMES).is_plain

    @pytest.mark.parametrize("query", ["-acoso", '"trata interna"', "acoso O abuso", "acoso O", "***"])
    def test_the_rest_is_explained(self, query):
        assert not parse(query, NAMES).is_plain


PIECES = ["acoso", "Mujeres", "estados", "unidos", "de", "la", "costo-efectividad", "ß", "'s", "título:", "\x00", "\n"]
PIECES += ["viol*", "año:2015-", "país:brasil", "país:", "bono", "cash transfers", "visitas domiciliarias", "WHO"]
PIECES += [
    "O",
    "OR",
    "Y",
    "NO",
    "NOT",
    "-",
    '"',
    "“",
    "”",
    "(",
    ")",
    "*",
    ":",
    "10.1257/app.1",
    "https://",
    " ",
    " ",
    " ",
]
GRAMMAR_LIKE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def assert_well_formed(node, *, may_be_not=False):
    match node:
        case AllOf(parts) | AnyOf(parts):
            assert len(parts) > 1
            assert len(set(parts)) == len(parts)
            assert not any(isinstance(part, type(node)) for part in parts)
            if isinstance(node, AllOf):
                is_bare = all(isinstance(part, Not) for part in parts if part != Everything())
                assert (Everything() in parts) == is_bare
            for part in parts:
                assert_well_formed(part, may_be_not=isinstance(node, AllOf))
        case Not(part):
            assert may_be_not
            assert_well_formed(part)
        case Phrase(es, en):
            assert len(es) == len(en) > 1
            assert all(es)
            assert all(en)
        case Word(es, en) | Prefix(_, es, en):
            assert es
            assert en
        case MostOf(parts, weights):
            assert len(parts) == len(weights) > 1
            assert len(set(parts)) == len(parts)
            for part in parts:
                assert_well_formed(part)
        case WithExpansion(own, added):
            assert added.leaves or added.codes
            assert_well_formed(own)


class TestAnyInput:
    @given(st.text(max_size=400) | GRAMMAR_LIKE)
    def test_gives_a_well_formed_tree(self, text):
        parsed = parse(text, NAMES, THESAURUS)
        assert isinstance(parsed, ParsedQuery)
        assert_well_formed(parsed.node)
        assert len(set(parsed.notes)) == len(parsed.notes)
        assert bool(parsed.parts) == (parsed.node != Everything())

    @given(GRAMMAR_LIKE, st.sampled_from([" ", "\n", "\t  ", "\u00a0", "\u2003 \r\n"]))
    def test_gives_the_same_with_other_white_space(self, text, space):
        assert parse(text.replace(" ", space), NAMES, THESAURUS) == parse(text, NAMES, THESAURUS)

    @pytest.mark.parametrize(
        "text", ["(" * 8000, '"' * 8001, "NO " * 3000, "-" * 9000, "10.1234/" + ")" * 5000, "acoso O " * 2000, "\ud800"]
    )
    def test_of_any_size_is_read(self, text):
        assert_well_formed(tree(text))
