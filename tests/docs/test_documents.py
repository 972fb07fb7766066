"""The documents say what there is: a setting, function, decision or vendor that is missing from its page fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from connections import vendors
from syncjobs.mapping.functions import ExactFunctions
from syncjobs.recipes import RECIPES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
SYSTEMS = sorted((ROOT / "docs" / "systems").glob("*.md"))
# What tells how things are now: decisions and the changelog tell how they were.
PAGES = ["README.md", "ARCHITECTURE.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md"))]
ROOMS = ("toolkit", "audit", "connections", "syncjobs", "integrator", "sandbox", "tests")


def test_every_setting_is_in_the_readme() -> None:
    text = (ROOT / "integrator" / "settings.py").read_text()
    names = set(re.findall(r'(?:env\.\w+|secret|environ\.get)\(\s*"([A-Z_]+)"', text)) - {"DATABASE_URL"}
    assert sorted(name for name in names if f"`{name}`" not in README) == []


def test_every_setting_of_the_readme_exists() -> None:
    text = (ROOT / "integrator" / "settings.py").read_text()
    table = README.partition("### Settings")[2].partition("\n## ")[0]
    assert sorted(name for name in re.findall(r"^\| `([A-Z_]+)`", table, re.M) if name not in text) == []


def test_every_function_of_ours_is_in_its_page() -> None:
    page = (ROOT / "docs" / "adding-a-recipe.md").read_text()
    ours = [name for name in vars(ExactFunctions) if name.startswith("_func_")]
    known = {"avg", "to_number", "to_string", "type"}  # JMESPath's own, made exact
    names = [name.removeprefix("_func_") for name in ours]
    assert sorted(name for name in names if name not in known and f"{name}(" not in page) == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text()
    assert [page.name for page in folder.glob("0*.md") if page.name not in listed] == []


def test_every_decision_has_its_four_headings() -> None:
    for page in (ROOT / "docs" / "adr").glob("0*.md"):
        assert re.findall(r"^## (.*)$", page.read_text(), re.M) == ["Situation", "Choice", "Not chosen", "Consequence"]


@pytest.mark.parametrize(
    "page", ["README.md", "ARCHITECTURE.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))]
)
def test_links_between_documents_lead_somewhere(page: str) -> None:
    here = ROOT / page
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", here.read_text())
    assert [target for target in targets if not (here.parent / target).exists()] == []


def test_every_vendor_of_a_recipe_exists_and_is_in_the_readme() -> None:
    for recipe in RECIPES.values():
        for side in (recipe.left, recipe.right):
            assert vendors.get(side).label.split()[0] in README


def test_every_system_has_a_page_and_the_readme_leads_there() -> None:
    assert [page.stem for page in SYSTEMS] == sorted(vendors.SLUGS)
    assert "](docs/systems/)" in README


@pytest.mark.parametrize("page", SYSTEMS, ids=lambda page: page.stem)
def test_a_page_of_a_system_names_every_question_of_its_form(page: Path) -> None:
    vendor, text = vendors.get(page.stem), page.read_text()
    questions = [question.label for question in (*vendor.settings, *vendor.secrets)]
    assert [label for label in questions if label not in text] == []


@pytest.mark.parametrize("page", SYSTEMS, ids=lambda page: page.stem)
def test_a_page_of_a_system_has_as_many_steps_and_the_same_forms_as_the_guide(page: Path) -> None:
    guide, text = vendors.get(page.stem).guide, page.read_text()
    steps = re.findall(r"^\d+\. ", text, re.M)
    forms = set(re.findall(r"\b[A-Z]{2}\d{6}\b", " ".join(guide.steps)))
    assert len(steps) >= len(guide.steps)
    assert sorted(form for form in forms if form not in text) == []


def test_every_make_target_that_the_documents_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    pages = "".join((ROOT / page).read_text() for page in PAGES)
    assert sorted(name for name in set(re.findall(r"`make ([a-z]+)", pages)) if f"\n{name}:" not in makefile) == []


def code_spans(page: str) -> Iterator[str]:
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(), flags=re.M | re.S))


def exists(path: str) -> bool:
    """From the root, of the example where it is about that, or anywhere if it is a bare name."""
    if "/" not in path.rstrip("/"):
        return any(ROOT.glob(path)) or any(ROOT.glob(f"[a-z]*/**/{path}"))
    return (ROOT / path).exists() or (ROOT / "docs" / "example" / path).exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_document_names_files_that_exist(page: str) -> None:
    paths = [span for span in code_spans(page) if re.fullmatch(r"[\w./-]+(/|\.(py|md|html|toml|txt))", span)]
    assert [path for path in paths if not exists(path)] == []


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            target = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            target = getattr(target, attribute, None)  # type: ignore[assignment]
        return target is not None
    return False


@pytest.mark.parametrize("page", PAGES)
def test_a_document_names_code_that_exists(page: str) -> None:
    spans = [span.removeprefix("python -m ") for span in code_spans(page)]
    names = [span for span in spans if re.fullmatch(r"[a-z_]+(\.\w+)+", span) and not span.endswith(".py")]
    ours = [name for name in names if name.partition(".")[0] in ROOMS]
    assert [name for name in ours if not resolves(name)] == []


def glossary() -> list[tuple[str, list[str]]]:
    """Each word of the glossary, and the modules, classes and fields where it lives."""
    rows = [line.strip("|").split("|") for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()]
    return [(row[0].strip(), re.findall(r"`([\w.]+)`", row[2])) for row in rows if len(row) == 3][2:]


@pytest.mark.parametrize(("word", "names"), glossary(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_word_of_the_glossary_lives_where_it_says(word: str, names: list[str]) -> None:
    assert names
    assert [name for name in names if not resolves(name)] == []


def test_the_glossary_has_each_word_once() -> None:
    words = [word for words, _ in glossary() for word in words.lower().split(", ")]
    assert len(words) > 30
    assert len(words) == len(set(words))


def test_every_model_is_in_the_glossary() -> None:
    words = {word for words, _ in glossary() for word in words.lower().split(", ")}
    models = [*apps.get_app_config("connections").get_models(), *apps.get_app_config("syncjobs").get_models()]
    parts = {"RateWindow", "ValueMapRow"}  # of a connection's budget, and of a ValueMap
    names = {model.__name__ for model in models} - parts
    assert sorted(name for name in names if name.lower() not in words) == []
