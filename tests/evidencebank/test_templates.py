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


class TestLines:
    def test_have_160_letters_at_most(self):
        assert long_lines(settings.BASE_DIR / "templates") == []

    def test_that_are_longer_are_named_with_their_place(self, tmp_path):
        (tmp_path / "templates/part").mkdir(parents=True)
        short, long = "é" * LONGEST, "{# " + "é" * (LONGEST - 5) + " #}"
        (tmp_path / "templates/part/one.html").write_text(f"{short}\n{long}\n", encoding="utf-8")
        assert long_lines(tmp_path / "templates") == ["templates/part/one.html:2: 161 letters"]
