"""The environment of the tests, set before Django reads its settings (loaded by `-p tests.environment`).

DB=postgres runs them on a PostgreSQL of their own; without it they use SQLite.
"""

import atexit
import os
import shutil
import tempfile

if "SCIONWOOD_TEST_DIR" not in os.environ:  # the first process; parallel workers inherit what it sets
    folder = tempfile.mkdtemp(prefix="sw-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {
        "SCIONWOOD_TEST_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "a key for the tests only, which never leaves them",
        "SITE_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "VAR_DIR": folder,
        "DEBUG": "0",
    }
    for name in ("EMAIL_URL", "REDIS_URL", "ENCODER", "DATABASE_URL"):
        os.environ.pop(name, None)
    if os.environ.get("DB") == "postgres":
        from tests import postgres

        os.environ["DATABASE_URL"], stop = postgres.start()
        atexit.register(stop)
