"""The engine on a Whoosh index: Whoosh stores and writes, this folder matches, counts and sorts in numpy.

Nothing outside imports Whoosh, and nothing here lets Whoosh search: its top N can be wrong (I6). From the disk up:

    schema → segments → snapshot → matching, counting → engine
    directory (generations, the pointer, the state file)   cache (bytes bounded)
"""
