"""One change of many studies: planned study by study, shown, then made as a whole or not at all, and undone as one.

A study that the person may edit is changed; for a published one that they may not, a proposal is made (R7). Nothing
happens to a study that would break a rule by it: the plan says why.
"""

from studies.bulk.actions import MOVES, Action, BulkRefused
from studies.bulk.making import MOST_STUDIES, Line, Overtaken, Plan, apply, plan, prepare
from studies.bulk.undoing import Hindered, UndoLine, may_undo, undo, undo_plan

__all__ = [
    "MOST_STUDIES",
    "MOVES",
    "Action",
    "BulkRefused",
    "Hindered",
    "Line",
    "Overtaken",
    "Plan",
    "UndoLine",
    "apply",
    "may_undo",
    "plan",
    "prepare",
    "undo",
    "undo_plan",
]
