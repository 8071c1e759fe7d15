"""The API: the same questions as the search page asks, answered as JSON for programs.

Only here are `rest_framework` and `drf_spectacular` known. What is asked and answered is told by the OpenAPI schema
(`search.api.schema`), from which the page of documentation is made too.
"""

VERSION = "1.0.1"
"""The version of the API. Raised with whatever a program could notice: it is part of every ETag."""
