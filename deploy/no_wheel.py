"""Stands in the place of a build backend, so that `pip wheel .` and `pip install .` say what to do instead."""

SENTENCE = (
    "The bank is a site, not a package: it runs from its folder, with the locked packages. "
    "Use `make install` there (docs/operations.md)."
)


def build_wheel(*_args: object, **_options: object) -> str:
    raise SystemExit(SENTENCE)


build_sdist = build_editable = build_wheel
