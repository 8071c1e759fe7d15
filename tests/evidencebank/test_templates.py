"""How templates are written: so that they can be read, and a difference between two versions shows what changed."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

LONGEST = 160


def long_lines(folder: Path) -> list[str]:
    """Return the place and the length of each line below `folder` that is too long."""
    return [
        f"{path.relative_to(folder.parent)}:{number}: {len(line)} letters"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]


def broken_comments(folder: Path) -> list[str]:
    """Return the place of each comment below `folder` that does not end on its line: Django prints such a comment."""
    return [
        f"{path.relative_to(folder.parent)}:{number}"
        for path in sorted(folder.rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.count("{#") != line.count("#}")
    ]


class TestComments:
    def test_end_on_their_line(self):
        assert broken_comments(settings.BASE_DIR / "templates") == []

    def test_that_do_not_are_named_with_their_place(self, tmp_path):
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates/one.html").write_text("{# whole #}\n<b>1</b>{#\n#}<i>2</i>\n", encoding="utf-8")
        assert broken_comments(tmp_path / "templates") == ["templates/one.html:2", "templates/one.html:3"]


class TestLines:
    def test_have_160_letters_at_most(self):
        assert long_lines(settings.BASE_DIR / "templates") == []

    def test_that_are_longer_are_named_with_their_place(self, tmp_path):
        (tmp_path / "templates/part").mkdir(parents=True)
        short, long = "é" * LONGEST, "{# " + "é" * (LONGEST - 5) + " #}"
        (tmp_path / "templates/part/one.html").write_text(f"{short}\n{long}\n", encoding="utf-8")
        assert long_lines(tmp_path / "templates") == ["templates/part/one.html:2: 161 letters"]
