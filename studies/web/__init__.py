"""Public pages that need no search: studies, programmes, policy questions, and what several of them share."""
