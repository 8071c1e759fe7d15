"""The API: lists of the search page and records of studies, as JSON for programs.

Only this package imports `rest_framework` and `drf_spectacular`. The OpenAPI document (`search.api.schema`) describes
parameters and answers; the page of documentation is made from it.
"""

VERSION = "1.1.0"
"""The version of the API, part of every ETag. Raise it with every change that a program could notice."""
