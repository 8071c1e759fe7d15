"""Finds studies: follows the database with an index, and makes the pages and lists that need one."""
