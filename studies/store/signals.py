"""What `studies` announces. Whoever cares listens; nothing here knows who does."""

from django.dispatch import Signal

study_changed = Signal()
"""Sent after the commit of a change of studies, with `change_no`."""

vocabulary_changed = Signal()
"""Sent after the commit of a change of labels, words or names, with `vocabulary_no`."""
