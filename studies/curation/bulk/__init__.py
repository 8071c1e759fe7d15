"""Bulk changes: planned for each study, previewed, applied all or nothing, and undone as one.

A study that the person may edit is changed. For a published one that they may not edit, a proposal is made (R7). A
study that would break a rule is left as it is, and the plan says why.
"""
