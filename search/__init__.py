"""Search: keeps an index of the studies, and serves the pages, lists and interfaces that need one."""
