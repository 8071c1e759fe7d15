"""The settings of Python's garbage collector for a server, and for benchmarks that measure one."""

import gc

_AFTER_OBJECTS, _MIDDLE_AFTER, _OLD_AFTER = 20_000, 20, 50


def tune_garbage_collector() -> None:
    """Make the garbage collector of this process run less often.

    The index, words and cards of 10,000 studies are some 300,000 long-lived objects. By Python's defaults (700, 10, 10)
    a full collection ran at every fortieth search, and added 0.2 s to that reader's page.
    """
    gc.set_threshold(_AFTER_OBJECTS, _MIDDLE_AFTER, _OLD_AFTER)
