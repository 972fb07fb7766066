"""Prints a `.env` with keys that are good enough: `python -m integrator.keys > .env`."""

from __future__ import annotations

import secrets
import sys

from cryptography.fernet import Fernet


def fresh() -> dict[str, str]:
    """New random keys, by the name of their setting."""
    return {"SECRET_KEY": secrets.token_urlsafe(48), "FERNET_KEYS": Fernet.generate_key().decode()}


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}={value}\n" for name, value in fresh().items())
