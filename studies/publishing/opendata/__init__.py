"""Open data: the whole published bank as files of one day, an edition, with all that is needed to use them.

`contents` says what each file holds, `fields` explains every field, `editions` knows those that are kept, `publishing`
writes a new one. The command `publish_data` calls the last, the page of open data the one before.
"""
