"""The offline copy: the published bank as plain pages in a zip, for places without network.

Unpacked on a disk or a USB stick it opens from the file (`file://`), searches by script, and asks no network.
`search_data` says what the script searches, `pages` renders, `archive` packs; the command `publish_data` calls that.
"""
