"""Lists that other programs export: each says what its program meant, however oddly it is written."""

from __future__ import annotations

import pytest

from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.registry import open_file
from tests.studies.imports.files_of_others import FILES as LISTS
from tests.studies.imports.files_of_others import REFERENCE, REFUSED, FileOfOthers
from tests.studies.imports.tables_of_others import TABLE_FILES

FILES = (*LISTS, *TABLE_FILES)


def test_there_are_sixty_files_or_more_with_names_of_their_own():
    assert len({(file.name, file.format) for file in FILES}) == len(FILES) >= 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.format}-{file.name}")
def test_a_file_says_what_its_program_meant(file: FileOfOthers):
    found, split = open_file(file.name, file.data)
    expected = {key: value for key, value in REFERENCE.items() if key not in file.lacks} | dict(file.otherwise)
    assert (found.code, len(split.references)) == (file.format, file.holds)
    if expected["title"] is None:
        # The first one is broken; the ones behind it are read.
        with pytest.raises(RowInvalid):
            found.read(split.references[0].raw, split.head)
        assert found.read(split.references[1].raw, split.head).fields["title"] == REFERENCE["title"]
        return
    fields = found.read(split.references[0].raw, split.head).fields
    assert {key: value for key, value in fields.items() if key in expected} == expected
    assert not set(file.lacks) & set(fields)
    titles = [found.read(each.raw, split.head).fields.get("title") for each in split.references]
    assert all(titles)


@pytest.mark.parametrize(("name", "text", "words"), REFUSED, ids=[name for name, _text, _words in REFUSED])
def test_a_file_that_is_not_read_is_told_with_what_to_export_instead(name: str, text: str, words: str):
    with pytest.raises(FileUnreadable, match=words):
        open_file(name, text.encode())
