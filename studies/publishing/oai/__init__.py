"""OAI-PMH 2.0: other repositories harvest the bank at /oai/, the whole of it or what has changed.

Source of the rules: the protocol's specification at openarchives.org, version 2.0. Nobody imports this but the table of
addresses. `protocol` reads requests, `harvest` finds the studies, `formats` describes them, `answers` puts it together.
"""
