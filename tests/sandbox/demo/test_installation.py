from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.demo.installation import DATABASE, own_folder, prepare


def _keys(env: object) -> tuple[str, str]:
    assert isinstance(env, dict)
    return env["SECRET_KEY"], env["FERNET_KEYS"]


def test_a_second_demo_takes_another_folder(tmp_path: Path) -> None:
    first, lock = own_folder(tmp_path / "demo")
    second, second_lock = own_folder(tmp_path / "demo")
    lock.close()
    again, third_lock = own_folder(tmp_path / "demo")
    second_lock.close()
    third_lock.close()
    assert (first.name, second.name, again.name) == ("demo", "demo-2", "demo")


def test_a_start_clears_the_last_database_and_its_keys(tmp_path: Path) -> None:
    before = prepare(tmp_path / "demo", port=8000, once=False)
    database = tmp_path / "demo" / DATABASE
    database.touch()
    before.lock.close()
    after = prepare(tmp_path / "demo", port=8000, once=False)
    after.lock.close()
    assert not database.exists()
    assert _keys(before.env) != _keys(after.env)


def test_a_kept_database_is_opened_with_its_own_keys(tmp_path: Path) -> None:
    before = prepare(tmp_path / "demo", port=8000, once=False)
    (tmp_path / "demo" / DATABASE).touch()
    before.lock.close()
    after = prepare(tmp_path / "demo", port=8000, once=False, keep=True)
    after.lock.close()
    assert after.kept
    assert _keys(before.env) == _keys(after.env)


def test_only_its_owner_may_read_the_keys(tmp_path: Path) -> None:
    prepare(tmp_path / "demo", port=8000, once=False).lock.close()
    assert (tmp_path / "demo" / "keys.env").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["password", "FERNET_KEYS"])
def test_it_does_not_print_its_secrets(tmp_path: Path, name: str) -> None:
    place = prepare(tmp_path / "demo", port=8000, once=True)
    place.lock.close()
    assert (place.password if name == "password" else place.env[name]) not in repr(place)
