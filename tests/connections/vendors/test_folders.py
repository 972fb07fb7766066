"""Who knows one vendor's folder knows all: the same names, and what is bigger in a package named after its resource."""

from __future__ import annotations

from pathlib import Path

import pytest

from connections import vendors

ROOT = Path(vendors.__file__).parent
EVERYWHERE = {"__init__", "client", "codec", "errors", "reader", "probe", "resources"}
WHERE_NEEDED = {"session", "browser_sign_in", "webhooks"}


@pytest.mark.parametrize("slug", vendors.SLUGS)
def test_modules_have_the_same_names_in_every_folder(slug: str) -> None:
    modules = {path.stem for path in (ROOT / slug).glob("*.py")}
    assert modules >= EVERYWHERE
    resources = {resource.slug for resource in vendors.get(slug).resources}
    own = modules - EVERYWHERE - WHERE_NEEDED
    assert not [name for name in own if not any(resource.endswith(name) for resource in resources)]


@pytest.mark.parametrize("slug", vendors.SLUGS)
def test_packages_are_named_after_a_resource(slug: str) -> None:
    packages = {path.parent.name for path in (ROOT / slug).glob("*/__init__.py")} - WHERE_NEEDED
    resources = {resource.slug for resource in vendors.get(slug).resources}
    assert not [name for name in packages if not any(resource.endswith(name) for resource in resources)]


@pytest.mark.parametrize("slug", vendors.SLUGS)
def test_the_declaration_carries_the_name_of_its_folder(slug: str) -> None:
    assert vendors.get(slug).slug == slug
