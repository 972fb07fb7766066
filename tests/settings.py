"""Settings of the tests: the product's own, with keys of their own, and no second thread reading ahead."""

from __future__ import annotations

import os

os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("FERNET_KEYS", "dGVzdHMtb25seS1rZXktb2YtMzItcmFuZG9tLWJ5dGU=")
os.environ.setdefault("PUBLIC_URL", "http://testserver")
os.environ.setdefault("READ_AHEAD", "0")

from integrator.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == "integrator.sqlite":  # noqa: F405
    # Said, because each process of a parallel run would otherwise name a file after the default database.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405
