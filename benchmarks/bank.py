"""A bank of its own for the measurements, below var/bench: the real vocabularies, and no index.

`start` comes before anything of `search` that Django has to know of is imported.
"""

from __future__ import annotations

import hashlib
import os
import sys
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "bench"


def start_on_bank() -> None:
    """Start Django on the bank, which is made if there is none: some seconds, once."""
    home = FOLDER / "bank"
    os.environ |= {
        "VAR_DIR": str(home),
        "INDEX_DIR": str(home / "index"),
        "DATABASE_URL": f"sqlite:///{home / 'bank.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "evidencebank.settings",
    }
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    home.mkdir(parents=True, exist_ok=True)
    django.setup()
    stamp, state = home / "loaded", _state_of_fixtures()
    if not stamp.exists() or stamp.read_text() != state:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_bank", stdout=StringIO())
        stamp.write_text(state)


def _state_of_fixtures() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "fixtures").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()
