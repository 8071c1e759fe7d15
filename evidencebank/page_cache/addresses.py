"""Which public addresses answer every reader alike, so that caches may keep the answer. The list decides alone."""

from __future__ import annotations

SHARED = frozenset(
    {
        *("home", "search", "export-list", "study"),
        *("programmes", "programme", "questions", "question"),
        *("theme", "interventions", "intervention", "compare"),
        *("evidence", "evidence-figure", "brief"),
        *("map", "map-figure", "evidence-studies"),
        *("api-docs", "help", "about", "glossary", "accessibility", "privacy", "patterns"),
        *("sitemap", "sitemap-part"),
    }
)
"""Names in the table of addresses. What these answer with 200 depends on nothing but what `versions` puts into a tag.

Not here: what rests on files or rows that no number of the bank counts (the newest edition on the page of data, frozen
lists), what tells the time (records of searches, OAI-PMH), forms that are stored, and whatever is sent as a file.
"""

NEGOTIATED = frozenset({"study"})
"""Those of which a client may prefer data (`studies.web.study.negotiation`): what is kept is the page alone."""
