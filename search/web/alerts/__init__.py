"""Pages and e-mails of alerts."""
