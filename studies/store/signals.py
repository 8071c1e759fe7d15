"""The signals that `studies` sends after a commit. It does not know its receivers: `search` is one."""

from django.dispatch import Signal

study_changed = Signal()
"""Sent after the commit of a change of studies, with `change_no`."""

vocabulary_changed = Signal()
"""Sent after the commit of a change of labels, words or names, with `vocabulary_no`."""
