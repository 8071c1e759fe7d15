"""The form of a record: its fields, what it means as a record, problems in words."""
