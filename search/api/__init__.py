"""The API: lists of the search page, records of studies and of what goes with them, as JSON or tables for programs.

Only this package imports `rest_framework` and `drf_spectacular`. The OpenAPI document (`search.api.schema`) describes
parameters and answers; the page of documentation is made from it.
"""

VERSION = "1.2.0"
"""The version of the API, part of every ETag. Raise it with every change that a program could notice."""
