"""What people of the bank wrote and signed, as blocks of a brief: the conclusion, which is its answer, and safety."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from search.web.brief import blocks
from search.web.brief.blocks import BriefRun, BriefRuns
from search.web.brief.references import CitedStudies
from search.web.evidence.written_texts import SignedText


def conclusion_passage(conclusion: SignedText, cited: CitedStudies) -> blocks.Passage:
    """Return what a person concluded: signed, dated, and marked where it is to be reviewed."""
    return blocks.Passage(_("Conclusión. %(signed)s") % {"signed": conclusion.signed}, (_runs(conclusion, cited),))


def safety_blocks(note: SignedText | None, cited: CitedStudies) -> Iterator[blocks.Block]:
    """Yield the safety note with its heading and who stands for it; nothing where nobody published one."""
    if note is None:
        return
    yield blocks.Heading(_("Nota de seguridad"))
    yield blocks.Paragraph(_runs(note, cited))
    yield blocks.Paragraph((BriefRun(note.signed),), "soft")


def _runs(text: SignedText, cited: CitedStudies) -> BriefRuns:
    stale = (BriefRun(f"{text.to_review}. ", look="strong"),) if text.to_review else ()
    return *stale, *(run for sentence in text.sentences for run in (*cited.runs(sentence), BriefRun(" ")))
