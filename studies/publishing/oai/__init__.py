"""OAI-PMH 2.0: other repositories harvest the bank at /oai/, all of it or only what changed.

Source of the rules: the protocol's specification at openarchives.org, version 2.0. Nobody imports this but the table of
addresses. `protocol` parses requests, `harvest` selects studies, `formats` describes them, `answers` builds responses.
"""
