"""The measured figures, `benchmarks/results.json`: one section for each command, each written whole by its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("results.json")


def load() -> dict[str, Any]:
    """Read all sections; none where nothing was measured yet."""
    return json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}


def save(section: str, content: Mapping[str, Any]) -> None:
    """Replace one section."""
    sections = load() | {section: content}
    PATH.write_text(json.dumps(sections, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
