"""JSON-LD inside of a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString

# These could end the script element or open another one; JSON may write any letter as an escape.
_IN_A_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def write_linked_data(document: Mapping[str, Any]) -> SafeString:
    """Return a document as JSON that may stand in a script element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return SafeString(text.translate(_IN_A_SCRIPT))  # nosec B703
