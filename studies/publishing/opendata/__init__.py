"""Open data: editions, each with the whole published bank as files of one day and their documentation.

`contents` defines the files, `fields` explains every field, `editions` reads the stored editions, `publishing` writes a
new one. The command `publish_data` calls `publishing`; the page of open data reads `editions` through `views`.
"""
