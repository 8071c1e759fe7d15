"""The offline copy: the published bank as static pages in a ZIP archive, for places without network.

Unpacked on a disk or a USB stick it opens from the file system (`file://`) and searches by script, without network.
`search_data` builds what the script searches, `pages` renders, `archive` packs; the command `publish_data` calls it.
"""
