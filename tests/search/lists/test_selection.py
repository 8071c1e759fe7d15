"""A reader's selection, as a value and as the text that a browser stores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.lists.selection import (
    LONGEST_NOTE,
    MOST_BYTES,
    MOST_SHARED,
    MOST_STUDIES,
    Pick,
    Selection,
    SelectionTooLarge,
)
from studies.records.json_fields import LONGEST_SLUG
from tests.studies.records_factory import fixture_studies

SLUGS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,4}", fullmatch=True)


class TestSelection:
    def test_keeps_the_order_in_which_studies_were_picked_and_each_once(self):
        assert Selection.from_slugs(["b", "a", "b"]).with_studies(["a", "c"]).slugs == ("b", "a", "c")

    def test_knows_what_is_in_it(self):
        selection = Selection.from_slugs(["a"])
        assert "a" in selection
        assert "b" not in selection
        assert not Selection()

    @pytest.mark.parametrize(
        ("slug", "steps", "order"),
        [("b", -1, "bac"), ("b", 1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("c", -9, "cab"), ("nada", 1, "abc")],
    )
    def test_moves_a_study_and_none_past_the_ends(self, slug: str, steps: int, order: str):
        assert Selection.from_slugs("abc").with_moved(slug, steps).slugs == tuple(order)

    def test_a_note_goes_along_when_its_study_moves(self):
        selection = Selection.from_slugs("ab").with_notes({"b": "Para el memo"}).with_moved("b", -1)
        assert selection.picks == (Pick("b", "Para el memo"), Pick("a"))

    def test_notes_of_other_studies_are_left_as_they_were(self):
        selection = Selection.from_slugs("ab").with_notes({"a": "uno"}).with_notes({"b": "dos", "nada": "tres"})
        assert [pick.note for pick in selection.picks] == ["uno", "dos"]

    def test_a_note_is_kept_as_plain_text_of_a_bounded_length(self):
        selection = Selection.from_slugs("a").with_notes({"a": " \x00uno\r\ndos " + "x" * 1000})
        assert selection.picks[0].note.startswith("uno\ndos x")
        assert len(selection.picks[0].note) == LONGEST_NOTE


class TestPackedForm:
    @given(st.lists(SLUGS, max_size=12, unique=True), st.text(max_size=40))
    def test_is_read_back_as_it_was(self, slugs: list[str], note: str):
        selection = Selection.from_slugs(slugs).with_notes(dict.fromkeys(slugs[:2], note))
        assert Selection.unpack(selection.pack()) == selection

    @pytest.mark.parametrize("text", ["", "nada", "W10:1abc:xyz", ".eJyLjgUAARUAuQ:1vO:AAAA", "\x00", "ñ" * 5000])
    def test_what_the_bank_did_not_sign_is_no_selection(self, text: str):
        assert Selection.unpack(text) == Selection()

    def test_of_sixty_real_studies_leaves_half_of_the_room_for_notes(self):
        slugs = [record.id for record in fixture_studies()][:MOST_SHARED]
        assert len(Selection.from_slugs(slugs).pack()) < MOST_BYTES / 2

    def test_holds_as_many_real_studies_as_it_says(self):
        slugs = [record.id for record in fixture_studies()]
        assert len(Selection.unpack(Selection.from_slugs(slugs[:MOST_STUDIES]).pack())) == MOST_STUDIES
        with pytest.raises(SelectionTooLarge) as refusal:
            Selection.from_slugs(slugs[: MOST_STUDIES + 1]).pack()
        assert refusal.value.bound == "studies"

    def test_tells_when_notes_no_longer_fit(self):
        slugs = [record.id for record in fixture_studies()][:20]
        notes = {slug: "".join(chr(0xA1 + (n * 7919 + len(slug)) % 5000) for n in range(400)) for slug in slugs}
        with pytest.raises(SelectionTooLarge) as refusal:
            Selection.from_slugs(slugs).with_notes(notes).pack()
        assert refusal.value.bound == "bytes"

    def test_an_address_of_the_longest_slugs_still_fits_into_a_request(self):
        # gunicorn reads request lines of 8,190 bytes (evidencebank/serving.py).
        assert MOST_SHARED * (LONGEST_SLUG + len("&id=")) + len("GET /en/selection/export.json? HTTP/1.1") < 8_190
