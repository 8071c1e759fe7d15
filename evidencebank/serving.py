"""How gunicorn serves the bank (`gunicorn -c python:evidencebank.serving`); GUNICORN_CMD_ARGS overrides each line."""

import os
from pathlib import Path

from evidencebank import collector

# Inherited by the workers.
collector.tune_garbage_collector()

wsgi_app = "evidencebank.wsgi"
# Only this machine: a reverse proxy beside it answers the world and holds the certificate.
bind = f"127.0.0.1:{os.environ.get('PORT') or '8000'}"

# Threads share the index of their process; more processes only pay where there are more cores.
workers = 2
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 10
keepalive = 5

# The largest that gunicorn allows: a search with many facets is one long address.
limit_request_line = 8190
# Django decides whom to believe (middleware.ForwardedRequests); gunicorn must not believe anybody before it.
forwarded_allow_ips = ""
# Addresses hold what people searched for: with the caller's address beside them they would be a log of persons.
accesslog = None
errorlog = "-"
loglevel = "info"
# gunicorn would open a control socket in the home directory, which a service account may not have.
control_socket_disable = True
# The workers' heartbeat is a file that must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nosec B108
