"""The engine on a Whoosh index: Whoosh stores and writes, `engines.arrays` searches what is read of it.

Nothing outside imports Whoosh, and nothing here lets Whoosh search: its top N can be wrong (I6). From the disk up:

    postings → schema → segments → engine
    directory (generations, the pointer, the state file)   merging
"""
