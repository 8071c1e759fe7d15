"""`manage.py mcp`: serves assistants by the Model Context Protocol, read-only, over standard input or HTTP."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evidencebank.backup import in_use
from search.index import sync
from studies.store import schema


class Command(BaseCommand):
    help = "Serves assistants (Model Context Protocol), read-only: over standard input and output, or HTTP with --http."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--http", action="store_true", help="listen for HTTP at /mcp instead of standard input")
        parser.add_argument("--host", default="127.0.0.1", help="where to listen; a proxy stands before it")
        parser.add_argument("--port", type=int, default=8010)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from search.assistants import server
        except ImportError as missing:
            raise CommandError(
                f"{missing}. Install the extra first: pip install --require-hashes -r requirements-mcp.lock"
            ) from missing
        in_use.hold_while_serving()
        schema.check_at_start()
        sync.leave_long_work_to_background()
        if options["http"]:
            server.serve_http(options["host"], options["port"])
        else:
            server.build_server().run()
