"""The search index as derived data: builds documents of studies, follows the database, checks consistency."""
