"""Reads the values of settings from text, and refuses in words what cannot be one. Nothing of Django is needed here.

Each function takes the text of a setting, which is not empty, and returns its value; it raises ValueError with what is
wrong, for whoever starts the bank. What may be a secret is not repeated there: a log keeps it.
"""

import ipaddress
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent


def boolean(text: str) -> bool:
    # environ reads every word that it does not know as False; "ture" must not switch a safeguard off.
    if text.lower() in environ.Env.BOOLEAN_TRUE_STRINGS:
        return True
    if text.lower() in ("false", "off", "n", "no", "0"):
        return False
    raise ValueError(f"“{text}” is neither true nor false")


def one_of(*choices: str) -> Callable[[str], str]:
    def cast(text: str) -> str:
        if text not in choices:
            raise ValueError(f"“{text}” is none of {', '.join(choices)}")
        return text

    return cast


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def path_below_base(text: str) -> Path:
    return BASE_DIR / text


def site_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"“{text}” is no address that begins with https://")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError(f"“{text}” holds more than https:// and the name of the host")
    return f"https://{parts.netloc}"


def web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"“{text}” is no address that begins with https:// or http://")
    return text


def networks(text: str) -> list[str]:
    for word in words(text):
        ipaddress.ip_network(word)
    return words(text)


def idle_minutes(text: str) -> int:
    if not 5 <= int(text) <= 720:
        raise ValueError(f"“{text}” is not between 5 and 720 minutes")
    return int(text)


def service(text: str) -> str:
    return web_address(text).rstrip("/")


def milliseconds(text: str) -> int:
    if not 0 <= int(text) <= 600_000:
        raise ValueError(f"“{text}” is not between 0 and 600000 milliseconds")
    return int(text)


def whole_number(text: str) -> int:
    if not 0 <= int(text) <= 1_000_000:
        raise ValueError(f"“{text}” is not between 0 and 1000000")
    return int(text)


def token(text: str) -> str:
    # A complaint about it must not repeat it in a log.
    if len(text) < 24 or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("needs at least 24 characters, made at random")
    return text


def dsn(text: str) -> str:
    parts = urlsplit(text)
    # The address holds a key.
    if parts.scheme != "https" or not parts.hostname or not parts.username:
        raise ValueError("is no address of a Sentry project: https://key@sentry.example.pe/2")
    return text


def origin(text: str) -> str:
    parts = urlsplit(web_address(text))
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError(f"“{text}” holds more than https:// and the name of the host")
    return f"{parts.scheme}://{parts.netloc}"


def emails(text: str) -> list[str]:
    return [email(word) for word in words(text)]


def demands(text: str) -> list[str]:
    return [one_of("index", "disk", "replica")(word) for word in words(text)]


def seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 60:
        raise ValueError(f"“{text}” is not between 0 and 60 seconds")
    return seconds


def email(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", text):
        raise ValueError(f"“{text}” is no e-mail address")
    return text


def contact(text: str) -> str:
    """Read an e-mail address or a web address as the URI that security.txt wants."""
    return f"mailto:{email(text)}" if "@" in text and "/" not in text else web_address(text)


def count(text: str) -> int:
    if int(text) < 1:
        raise ValueError(f"“{text}” is no number from 1 on")
    return int(text)


def age_recipients(text: str) -> list[str]:
    for word in words(text):
        if not re.fullmatch(r"age1[0-9a-z]{50,}|ssh-(ed25519|rsa) \S+( \S+)?", word):
            raise ValueError(f"“{word}” is no public key of age, as age-keygen prints it: age1...")
    return words(text)


def megabytes(text: str) -> int:
    if int(text) < 1:
        raise ValueError(f"“{text}” is no size in megabytes: 32")
    return int(text)


def months(text: str) -> int:
    months = int(text)
    if not 1 <= months <= 240:
        raise ValueError(f"“{text}” is not between 1 and 240")
    return months


def oai_domain(text: str) -> str:
    # As the protocol's schema of identifiers has it.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+", text):
        raise ValueError(f"“{text}” is no name of a domain, as banco.example.pe")
    return text


def mail_server(text: str) -> dict[str, Any]:
    """Read smtp://, smtp+tls:// (STARTTLS) or smtp+ssl:// with user, password, host and port."""
    parts = urlsplit(text)
    # The address may hold a password: a complaint about it must not repeat it in a log.
    if parts.scheme not in ("smtp", "smtp+tls", "smtp+ssl") or not parts.hostname:
        raise ValueError("is no address of a mail server: smtp+tls://user:password@mail.example.pe:587")
    return {
        "host": parts.hostname,
        "port": parts.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[parts.scheme],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "tls": parts.scheme == "smtp+tls",
        "ssl": parts.scheme == "smtp+ssl",
    }


def secret_key(text: str) -> str:
    # White space is no part of a key made at random: a comment or a sentence was taken for one.
    if len(text) < 50 or len(set(text)) < 5 or len(text.split()) != 1:
        raise ValueError("needs at least 50 characters, made at random, without spaces")
    return text


def proxies(text: str) -> list[str]:
    """Read addresses and networks of proxies; `unix` stands for a server that listens on a socket file."""
    for word in words(text):
        if word != "unix":
            ipaddress.ip_network(word)
    return words(text)


def host_names(text: str) -> list[str]:
    if "*" in words(text):
        raise ValueError("“*” lets anybody choose the host; name each one")
    return words(text)


def database(text: str) -> dict[str, Any]:
    scheme = text.partition(":")[0]
    # The address may hold a password: a complaint about it must not repeat it in a log.
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise ValueError(f"“{scheme}” is no kind of database that the bank knows: sqlite, postgres")
    config: dict[str, Any] = environ.Env.db_url_config(text)
    if config["NAME"] in ("", ":memory:"):
        raise ValueError("names no database: sqlite:////srv/bank/bank.sqlite3, postgres://user:password@host/bank")
    if scheme == "sqlite":
        return sqlite(BASE_DIR / config["NAME"])
    # One pool a process: six threads of requests, and the index catching up beside them.
    pool = {"min_size": 1, "max_size": 8, "timeout": 10, "reconnect_timeout": 3}
    # A server that is gone without a word is noticed within seconds, not by the system after a quarter of an hour.
    patience = {"connect_timeout": 3, "tcp_user_timeout": 3000, "keepalives_idle": 10, "keepalives_interval": 3}
    config["OPTIONS"] = {"pool": pool, **patience} | config.get("OPTIONS", {})
    # environ gives "true" as a text, and so "false", which is true.
    config["DISABLE_SERVER_SIDE_CURSORS"] = boolean(str(config.get("DISABLE_SERVER_SIDE_CURSORS", False)))
    return config | {"ENGINE": "evidencebank.postgresql", "CONN_HEALTH_CHECKS": True}


def sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # Opening the file, reading its tables and filling the cache anew took 2 ms of each page.
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # Two writers queue instead of failing when both have read first: the lock is taken at BEGIN.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000",
        },
    }


def read_or_make_secret_key(path: Path) -> str:
    """Return the key stored at `path`. If there is none, make one in a file that only its owner can read."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            # A link appears whole or not at all, and never replaces: of two that start at once, one key wins.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return secret_key(path.read_text().strip())


def find_comments_in_values(path: Path) -> list[str]:
    """Return a complaint for each line of the env file at `path` with a comment behind its value.

    django-environ would take the comment for a part of the value.
    """
    complaints = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        name, _equals, value = line.partition("=")
        is_quoted = re.fullmatch(r"""\s*("[^"]*"|'[^']*')\s*""", value)
        if re.fullmatch(r"\s*(export\s+)?\w+\s*", name) and not is_quoted and re.search(r"(^|\s)#", value):
            # The value may be a secret: it is not repeated in a log.
            complaints.append(f"{name.split()[-1]}: line {number} of {path} has a comment behind the value; move it up")
    return complaints
