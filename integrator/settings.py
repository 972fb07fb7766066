"""All settings. Each comes from an environment variable (or `NAME_FILE`, for secrets), with a safe default.

The table in README.md says what each is for. What can be set wrongly is checked in `integrator/checks.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

# `ModelAdmin[Flow]` and `Manager["Flow"]` are only subscriptable at run time with this.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def secret(name: str, default: str | None = None) -> str:
    """A secret from the environment, or from the file that `NAME_FILE` names."""
    path = env.str(f"{name}_FILE", default="")
    value = Path(path).read_text().strip() if path else env.str(name, default=default or "")
    if not value:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE): `make keys` prints good ones.")
    return value


# Security

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY")
FERNET_KEYS = [key for key in secret("FERNET_KEYS").split(",") if key]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Apps

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the other one would put its own site in place of ours
    "unfold.contrib.filters",
    "integrator.console.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_q",
    "audit",
    "connections",
    "syncjobs",
    "integrator",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "integrator.middleware.without_session",  # webhooks go no further
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "integrator.urls"
WSGI_APPLICATION = "integrator.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "integrator.formats"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a value map of some thousand rows is one form

# Database: SQLite by default, PostgreSQL by DATABASE_URL

(BASE_DIR / "var" / "static").mkdir(parents=True, exist_ok=True)
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'integrator.sqlite3'}")
}
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # With several processes, anything but WAL and IMMEDIATE ends in "database is locked" (docs/adr/0009).
    DATABASES["default"].update(
        ENGINE="integrator.sqlite",
        OPTIONS={
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # Checkpoints at 32 MB of log rather than 4: pages that are written again and again are copied once.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; "
            "PRAGMA wal_autocheckpoint=8000;",
        },
    )

# Queue: django-q2 carries tasks, which say only that there is work; SyncRecord, Flow and WebhookEvent rows are the queue

Q_TIMEOUT = 300
Q_WORKERS = env.int("WORKERS", default=2)
REDIS_URL = env.str("REDIS_URL", default="")
Q_CLUSTER: dict[str, Any] = {
    "name": env.str("QUEUE_NAME", default="integrator"),
    "workers": Q_WORKERS,
    "queue_limit": Q_WORKERS,
    "bulk": 1,
    "poll": env.float("QUEUE_POLL", default=0.5),
    "timeout": Q_TIMEOUT,
    # Below this, a prefetched task is delivered twice: timeout x ((queue_limit + 1) / workers + 1).
    "retry": int(Q_TIMEOUT * ((Q_WORKERS + 1) / Q_WORKERS + 1)) + 60,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "save_limit": -1,
    "recycle": 200,
    "label": "Queue",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# The engine

TICK_TASKS = env.int("TICK_TASKS", default=2000)  # a tick enqueues so many, less those that still wait
READ_AHEAD = env.int("READ_AHEAD", default=1)  # pages read while the last one is being delivered; 0 for none
TASK_SECONDS = env.int("TASK_SECONDS", default=45)  # a task stops after so long and enqueues the rest
LEASE_SECONDS = env.int("LEASE_SECONDS", default=Q_TIMEOUT + 30)
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=180)
BODY_RETENTION_DAYS = env.int("BODY_RETENTION_DAYS", default=90)
AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", default=730)
WEBHOOK_MAX_BYTES = env.int("WEBHOOK_MAX_BYTES", default=1024 * 1024)

# The console

UNFOLD = {
    "SITE_TITLE": "Integration console",
    "SITE_HEADER": "Integration console",
    "SITE_SUBHEADER": "Every order, and what happened to it",
    "SITE_SYMBOL": "sync_alt",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "integrator.dashboard.dashboard",
    "STYLES": [lambda request: static("console.css")],
    "SCRIPTS": [lambda request: static("console.js")],
    "COMMAND": {"search_models": False, "search_callback": "integrator.console.find"},
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "integrator.console.navigation"},
    "COLORS": {
        "primary": {
            "50": "#eef6f8",
            "100": "#d6eaef",
            "200": "#b1d6df",
            "300": "#7fbac9",
            "400": "#4898ad",
            "500": "#2c7d93",
            "600": "#1f667c",
            "700": "#1c5366",
            "800": "#1d4655",
            "900": "#1b3b48",
            "950": "#0c2630",
        },
    },
}
LOGIN_URL = reverse_lazy("admin:login")

# Logging: to standard error, one line an event; no bodies, no secrets

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {"urllib3": {"level": "WARNING"}, "django-q": {"level": os.environ.get("LOG_LEVEL", "WARNING")}},
}
