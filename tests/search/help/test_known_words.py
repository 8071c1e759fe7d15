"""The bank's own words: how they are collected, and updated after changes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search.help import known_words
from search.text.spelling import Wordlist
from studies.models import Stage
from tests.factories import edit, make_study
from tests.studies.records_factory import author

pytestmark = pytest.mark.django_db


def read_all() -> Wordlist:
    """Return the words of the whole bank, which a bank of any size is read for."""
    while (words := known_words.get_wordlist()) is not known_words.get_wordlist():
        pass
    return words


def spelled(word: str) -> str | None:
    found = read_all().lookup(word)
    return found.text if found else None


class TestWords:
    def test_are_spelled_as_the_bank_spells_them_most(self) -> None:
        assert [spelled(word) for word in ("violencia", "peru", "ENDES")] == ["violencia", "Perú", "ENDES"]

    def test_come_from_texts_names_labels_and_programmes_in_both_languages(self) -> None:
        assert all(map(spelled, ("mujeres", "women", "Abramsky", "Transfer", "VioGén", "Anguila")))

    def test_a_name_is_known_as_one(self) -> None:
        sasa, violence = (read_all().lookup(word) for word in ("sasa", "redujo"))
        assert sasa is not None
        assert sasa.is_name
        assert violence is not None
        assert not violence.is_name

    def test_of_drafts_are_not_among_them(self) -> None:
        make_study(title_es="Xilofonistas de Huancavelica")
        assert spelled("xilofonistas") is None


class TestKeepingStep:
    def test_words_of_a_new_study_and_of_an_edit_are_there_at_once(self) -> None:
        read_all()
        study = make_study(stage=Stage.PUBLISHED, title_es="Xilofonistas", authors=(author("Ñahuincopa"),))
        assert (spelled("xilofonistas"), spelled("nahuincopa")) == ("Xilofonistas", "Ñahuincopa")
        edit(study, summary_es="Contrabajistas")
        assert spelled("contrabajistas") == "Contrabajistas"

    def test_nothing_is_read_while_nothing_changed(self) -> None:
        read_all()
        with CaptureQueriesContext(connection) as captured:
            known_words.get_wordlist()
        # Both read the counter, which a request has in hand.
        assert all("bankcounter" in query["sql"] for query in captured)

    def test_a_large_bank_is_read_over_several_calls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = len(read_all())
        known_words.forget()
        monkeypatch.setattr(known_words, "READ_AT_ONCE", 50)
        with CaptureQueriesContext(connection) as captured:
            first = len(known_words.get_wordlist())
        assert len(captured) <= 7
        assert first < whole
        assert len(read_all()) == whole

    def test_what_is_kept_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        everything = read_all()
        known_words.forget()
        monkeypatch.setattr(known_words, "MOST_WORDS", 100)
        assert len(read_all()) < len(everything)
        assert spelled("violencia") == "violencia"
