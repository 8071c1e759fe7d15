"""Citation styles: golden files that name the rule of each case, the order of lists, and what tells citations apart.

After a wanted change, write the golden files anew and read what differs:
python -m tests.studies.citations.test_styles
"""

import datetime
from pathlib import Path

import pytest

from studies.citations.bibliography import cite_single, fold_for_sorting, format_year_letter, iterate_entries
from studies.citations.reference import make_reference
from studies.citations.runs import TextRun, end_with_stop, join_runs, quote_text, to_plain_text
from studies.citations.styles import chicago, vancouver
from studies.citations.styles.headline import to_headline_case
from studies.citations.styles.registry import STYLES
from studies.citations.styles.words import format_long_date
from tests.studies.records_factory import author, complete_record, institution
from tests.studies.style_cases import CASES, IBARRA, QUISPE, TEAM, case_reference

GOLDEN = Path(__file__).parents[1] / "golden" / "styles"


def marked(runs):
    return "".join(f"*{run.text}*" if run.italic else run.text for run in runs)


def golden_text(style):
    """Return every case of a style: its rule, then the entry and the citation in the text, in both languages."""
    blocks = []
    for rule, changes in CASES[style]:
        lines = [f"# {rule}"]
        for language in ("es", "en"):
            entry = cite_single(case_reference(changes, language), STYLES[style], language)
            lines += [f"{language}: {marked(entry.runs)}", f"    {marked(entry.in_text)}"]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def listed(style, *works, language="es"):
    """Return (entry, citation in the text) of each work, given as changes of one record."""
    references = [
        make_reference(complete_record(id=f"work-{number}", **work), language=language)
        for number, work in enumerate(works)
    ]
    return [
        (to_plain_text(entry.runs), to_plain_text(entry.in_text))
        for entry in iterate_entries(references, STYLES[style], language)
    ]


def cited(style, *works, language="es"):
    return [in_text for _entry, in_text in listed(style, *works, language=language)]


class TestGolden:
    @pytest.mark.parametrize("style", STYLES)
    def test_every_rule_reads_as_it_did(self, style):
        assert golden_text(style) == (GOLDEN / f"{style}.txt").read_text(encoding="utf-8")

    @pytest.mark.parametrize("style", STYLES)
    def test_each_case_names_a_rule_of_its_own(self, style):
        rules = [rule for rule, _changes in CASES[style]]
        assert len(rules) == len(set(rules))

    def test_there_is_a_file_for_each_style_and_no_other(self):
        assert {path.stem for path in GOLDEN.iterdir()} == set(STYLES) == set(CASES)


class TestRuns:
    def test_what_looks_alike_becomes_one(self):
        assert join_runs([[TextRun("a"), TextRun("b")], [], [TextRun("")], [TextRun("c", italic=True)]]) == (
            TextRun("ab "),
            TextRun("c", italic=True),
        )

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [("a", "a."), ("a.", "a."), ("a?", "a?"), ("“a?”", "“a?”"), ("(a.)", "(a.)"), ("", ""), ("a…", "a…")],
    )
    def test_a_text_has_one_end(self, text, wanted):
        assert end_with_stop(text) == wanted

    def test_marks_within_marks_change(self):
        assert quote_text('a "b" «c»', "es") == "«a “b” “c”»"
        assert quote_text('a "b" “c”', "en") == "“a ‘b’ ‘c’”"


class TestHeadline:
    @pytest.mark.parametrize(
        ("title", "wanted"),
        [
            ("a trial of cash in Peru", "A Trial of Cash in Peru"),
            ("what works? an overview", "What Works? An Overview"),
            ("the end: of it", "The End: Of It"),
            ("ever after? a trial of it all", "Ever After? A Trial of It All"),
            ("HIV and iPhone use", "HIV and IPhone Use"),
            ("cluster-randomised trial", "Cluster-Randomised Trial"),
            ("women's work", "Women's Work"),
            ("", ""),
        ],
    )
    def test_letters_are_raised_and_never_lowered(self, title, wanted):
        assert to_headline_case(title) == wanted


class TestPages:
    @pytest.mark.parametrize(
        ("first", "last", "wanted"),
        [
            ("3", "10", "3–10"),
            ("71", "72", "71–72"),
            ("100", "104", "100–104"),
            ("1100", "1113", "1100–1113"),
            ("107", "108", "107–8"),
            ("505", "517", "505–17"),
            ("808", "833", "808–33"),
            ("321", "328", "321–28"),
            ("498", "532", "498–532"),
            ("1087", "1089", "1087–89"),
            ("1496", "1500", "1496–500"),
            ("11564", "11615", "11564–615"),
            ("12991", "13001", "12991–3001"),
            ("e12", "e15", "e12–e15"),
            ("98", "103", "98–103"),
        ],
    )
    def test_chicago_shortens_as_its_table_does(self, first, last, wanted):
        assert chicago.shorten_page_range(first, last, "en") == wanted

    @pytest.mark.parametrize(
        ("first", "last", "wanted"),
        [("284", "287", "284-7"), ("98", "103", "98-103"), ("101", "112", "101-12"), ("e1", "e5", "e1-e5")],
    )
    def test_vancouver_leaves_out_what_both_have(self, first, last, wanted):
        assert vancouver.shorten_page_range(first, last) == wanted


class TestOrder:
    def families(self, style, *works, language="es"):
        return [entry.split(",")[0] for entry, _cited in listed(style, *works, language=language)]

    def test_nothing_precedes_something_and_accents_do_not_count(self):
        works = [{"authors": (author(name, "A."),)} for name in ("Ñaupari", "Nuñez", "Brown", "Ávila", "Browning")]
        assert self.families("apa", *works) == ["Ávila", "Brown", "Browning", "Nuñez", "Ñaupari"]

    def test_ene_is_a_letter_of_its_own_in_spanish_only(self):
        works = [{"authors": (author(name, "A."),)} for name in ("Ñaupari", "Nunes")]
        assert self.families("apa", *works) == ["Nunes", "Ñaupari"]
        assert self.families("apa", *works, language="en") == ["Ñaupari", "Nunes"]

    def test_an_author_alone_stands_before_the_same_with_others(self):
        works = [{"authors": (QUISPE, IBARRA), "year": 2001}, {"authors": (QUISPE,), "year": 2020}]
        assert list(cited("apa", *works)) == ["(Quispe, 2020)", "(Quispe e Ibarra, 2001)"]

    @pytest.mark.parametrize(("style", "wanted"), [("apa", ["(Quispe, s. f.)", "(Quispe, 2020)"])])
    def test_without_a_date_first_in_apa(self, style, wanted):
        assert cited(style, {"year": 2020}, {"year": None}) == wanted

    def test_without_a_date_last_in_the_others(self):
        assert cited("chicago", {"year": None}, {"year": 2020}) == ["(Quispe 2020)", "(Quispe s. f.)"]
        assert cited("iso690", {"year": None}, {"year": 2020}) == ["(Quispe 2020)", "(Quispe [sin fecha])"]

    def test_a_title_is_sorted_without_its_article(self):
        works = [{"title": "La última"}, {"title": "Una prueba"}]
        assert next(entry for entry, _ in listed("apa", *works)).startswith("Quispe, A. M. (2021a). Una prueba")

    def test_a_particle_counts_where_the_style_keeps_it_in_front(self):
        works = [{"authors": (author("Ommeren", "Mark", non_dropping_particle="van"),)}, {"authors": (QUISPE,)}]
        assert self.families("apa", *works) == ["Quispe", "van Ommeren"]
        assert self.families("chicago", *works) == ["Ommeren", "Quispe"]

    def test_numbers_follow_the_list(self):
        works = [{"authors": (author("Z", "A."),)}, {"authors": (author("A", "A."),)}]
        assert cited("vancouver", *works) == ["(1)", "(2)"]
        assert listed("vancouver", *works)[0][0].startswith("Z A.")


class TestTellingApart:
    def test_works_of_one_year_get_letters_by_title(self):
        assert cited("apa", {"title": "B"}, {"title": "A"}, {"title": "C", "year": 2020}) == [
            "(Quispe, 2020)",
            "(Quispe, 2021a)",
            "(Quispe, 2021b)",
        ]

    def test_letters_behind_no_date_have_a_hyphen(self):
        assert cited("apa", {"year": None, "title": "A"}, {"year": None, "title": "B"}) == [
            "(Quispe, s. f.-a)",
            "(Quispe, s. f.-b)",
        ]

    def test_the_letter_is_in_the_entry_too(self):
        assert "(2021a)" in listed("apa", {"title": "A"}, {"title": "B"})[0][0]
        assert " 2021a. " in listed("chicago", {"title": "A"}, {"title": "B"})[0][0]
        assert ", 2021a. " in listed("iso690", {"title": "A"}, {"title": "B"})[0][0]

    def test_teams_that_et_al_would_make_alike_are_told_by_more_names(self):
        works = [{"authors": (*TEAM[:2], *TEAM[5:8])}, {"authors": (*TEAM[:2], *TEAM[8:11])}]
        assert cited("apa", *works) == ["(Na, Nb, Nf, et al., 2021)", "(Na, Nb, Ni, et al., 2021)"]
        chicago_works = [{"authors": (TEAM[0], *TEAM[2:5])}, {"authors": (TEAM[0], *TEAM[5:8])}]
        assert cited("chicago", *chicago_works) == ["(Na, Nc, et al. 2021)", "(Na, Nf, et al. 2021)"]

    def test_et_al_never_stands_for_one_person(self):
        works = [{"authors": (TEAM[0], TEAM[1], TEAM[2])}, {"authors": (TEAM[0], TEAM[1], TEAM[3])}]
        assert cited("apa", *works) == ["(Na, Nb y Nc, 2021)", "(Na, Nb y Nd, 2021)"]
        assert cited("apa", *works, language="en") == ["(Na, Nb, & Nc, 2021)", "(Na, Nb, & Nd, 2021)"]

    def test_iso_has_only_the_letter(self):
        works = [{"authors": TEAM[:4], "title": "A"}, {"authors": (TEAM[0], *TEAM[5:8]), "title": "B"}]
        assert cited("iso690", *works) == ["(Na et al. 2021a)", "(Na et al. 2021b)"]

    def test_first_authors_of_one_family_name_get_initials(self):
        works = [{"authors": (author("Quispe", "Ana"),)}, {"authors": (author("Quispe", "Luis"),), "year": 2019}]
        assert cited("apa", *works) == ["(A. Quispe, 2021)", "(L. Quispe, 2019)"]
        assert cited("chicago", *works) == ["(A. Quispe 2021)", "(L. Quispe 2019)"]
        assert cited("iso690", *works) == ["(Quispe 2021)", "(Quispe 2019)"]

    def test_one_name_with_and_without_the_second_initial_is_one_person(self):
        works = [{"authors": (author("Quispe", "Ana"),)}, {"authors": (author("Quispe", "Ana M."),), "year": 2019}]
        assert cited("apa", *works) == ["(Quispe, 2021)", "(Quispe, 2019)"]

    @pytest.mark.parametrize(("place", "wanted"), [(0, "a"), (25, "z"), (26, "aa"), (51, "az"), (52, "ba")])
    def test_letters_go_on_after_z(self, place, wanted):
        assert format_year_letter(place) == wanted


class TestManyAuthors:
    def test_four_hundred_authors_are_cut_as_each_style_says(self):
        work = {"authors": tuple(author(f"Familia{number}", "Ana") for number in range(400))}
        (apa,), (vancouver_one,), (chicago_one,), (iso,) = (
            [entry for entry, _ in listed(style, work)] for style in ("apa", "vancouver", "chicago", "iso690")
        )
        assert apa.startswith("Familia0, A., Familia1, A.")
        assert "Familia18, A., . . . Familia399, A. (2021)." in apa
        assert vancouver_one.startswith(
            "Familia0 A, Familia1 A, Familia2 A, Familia3 A, Familia4 A, Familia5 A, et al."
        )
        assert "Ana Familia6, et al. 2021." in chicago_one
        assert iso.startswith("FAMILIA0, Ana et al., 2021.")


class TestWords:
    def test_dates(self):
        day = datetime.date(2026, 9, 3)
        assert (format_long_date(day, "es"), format_long_date(day, "en")) == (
            "3 de septiembre de 2026",
            "3 September 2026",
        )

    def test_what_lists_are_sorted_by(self):
        assert fold_for_sorting("O'Doherty-Núñez, J.", "en") == "odohertynunezj"
        assert fold_for_sorting("ñ", "es") > fold_for_sorting("nz", "es")


class TestReferenceOfAStyle:
    def test_the_day_of_consultation_is_for_addresses_without_doi(self):
        day = datetime.date(2026, 11, 26)
        assert make_reference(complete_record(), on=day).accessed is None
        assert make_reference(complete_record(doi=None), on=day).accessed == day
        assert make_reference(complete_record(doi=None, url=None), on=day).accessed is None

    def test_a_work_in_a_sorted_list_reads_as_a_single_work(self):
        made = make_reference(
            complete_record(authors=(institution("INEI"), QUISPE), doi=None), on=datetime.date(2026, 1, 2)
        )
        for style in STYLES.values():
            (entry,) = iterate_entries([made], style, "es")
            assert entry == replace_key(cite_single(made, style, "es"), entry)


def replace_key(entry, other):
    return entry._replace(number=other.number)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name in STYLES:
        (GOLDEN / f"{name}.txt").write_text(golden_text(name), encoding="utf-8")
