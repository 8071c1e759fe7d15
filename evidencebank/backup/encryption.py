"""Encrypts backups by the program `age`, for the public keys of BACKUP_RECIPIENTS. No cryptography of our own."""

from __future__ import annotations

import re
import shutil
import subprocess  # nosec B404
from collections.abc import Sequence
from pathlib import Path

from evidencebank.backup import BackupError

_BEGINNING = b"age-encryption.org/"


def is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING


def encrypt(source: Path, target: Path, recipients: Sequence[str]) -> None:
    """Write `source` to `target`, for the public keys `recipients`. Raises BackupError where age refuses."""
    keys = [part for recipient in recipients for part in ("--recipient", recipient)]
    _run_age("--encrypt", *keys, "--output", str(target), str(source))


def decrypt(source: Path, target: Path, identity: Path) -> None:
    """Write `source` to `target` with the private key in the file `identity`. Raises BackupError where age refuses."""
    _run_age("--decrypt", "--identity", str(identity), "--output", str(target), str(source))


def make_key(path: Path) -> tuple[Path, str]:
    """Write a new private key to `path`, and return it with its public key. Raises BackupError where age refuses."""
    command = [shutil.which("age-keygen") or "age-keygen", "--output", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603
    found = re.search(r"age1[0-9a-z]+", done.stderr)
    if done.returncode or not found:
        raise BackupError(f"age-keygen ended with {done.returncode}")
    return path, found[0]


def find_age() -> str:
    """Return where the program is. Raises BackupError where it is not installed."""
    program = shutil.which("age")
    if program is None:
        raise BackupError("the program age is missing, which encrypts backups: sudo apt install age")
    return program


def _run_age(*arguments: str) -> None:
    done = subprocess.run([find_age(), *arguments], capture_output=True, text=True, check=False)  # nosec B603
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("age: error")]
        raise BackupError("; ".join(lines[:2]) or f"age ended with {done.returncode}")
