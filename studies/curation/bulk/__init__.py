"""One change of many studies: planned study by study, shown, then made as a whole or not at all, and undone as one.

A study that the person may edit is changed; for a published one that they may not, a proposal is made (R7). Nothing
happens to a study that would break a rule by it: the plan says why.
"""
