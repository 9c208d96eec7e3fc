"""The documents are tested too: what they name exists, and what exists is named."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.proportions import ROOT

DOCUMENTS = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
TEXT = {document: document.read_text() for document in DOCUMENTS}
ALL_TEXT = "\n".join(TEXT.values())
READERS_OF_THE_ENVIRONMENT = (
    "config/settings.py", "config/launch.py", "config/environment.py", "Makefile",
    "tests/__main__.py", "tests/chromium.py", "tests/environment.py",
    *(str(file.relative_to(ROOT)) for file in (ROOT / "benchmarks").glob("*.py")),
    *(str(file.relative_to(ROOT)) for file in (ROOT / "tests" / "soak").glob("*.py")),
)  # fmt: skip
# read, but nobody's to set by hand, or explained where they are printed
NOT_FOR_PEOPLE = {"PATH", "PWD", "PY", "PYTHON", "MAKECMDGOALS", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "CI"}
NOT_OURS = {"PIP_FIND_LINKS", "PATH", "DJANGO_SETTINGS_MODULE", "PYTHONPATH"}


def make_targets() -> set[str]:
    """What `make help` lists."""
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.M))


def our_commands() -> set[str]:
    """The management commands of this project."""
    places = (file for app in ("home", "community", "matching") for file in (ROOT / app).rglob("commands/*.py"))
    return {place.stem for place in places if not place.stem.startswith("_")}


def variables() -> set[str]:
    """The environment variables that the code asks for."""
    ways = r'(?:environ\.get\(|environ\[|given\.get\(|env_\w+\(|getenv\()\s*"([A-Z][A-Z_]+)"|\$\(([A-Z]+)\)'
    code = "\n".join((ROOT / name).read_text() for name in READERS_OF_THE_ENVIRONMENT)
    found = {one or other for one, other in re.findall(ways, code)}
    return {name for name in found if not name.startswith("SCIONWOOD_")} - NOT_FOR_PEOPLE


def slug(heading: str) -> str:
    """The anchor that a heading gets where such files are shown."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_it_names_make_targets_that_exist_and_all_of_them() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)", " ".join(re.findall(r"`[^`\n]+`|^    .*$", ALL_TEXT, re.M))))
    named |= set(re.findall(r"^make ([a-z]+)", ALL_TEXT, re.M))
    assert named <= make_targets(), f"No such target: {named - make_targets()}"
    assert make_targets() <= named, f"No document names: {make_targets() - named}"


def test_it_names_commands_that_exist_and_all_of_them() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", ALL_TEXT))
    assert named <= set(get_commands()), f"No such command: {named - set(get_commands())}"
    spoken_of = set(re.findall(r"\b[a-z_]+\b", " ".join(re.findall(r"`[^`\n]+`|```.*?```", ALL_TEXT, re.S))))
    missing = our_commands() - spoken_of - named
    assert not missing, f"No document names: {missing}"


def test_it_names_variables_that_exist_and_all_of_them() -> None:
    in_code = re.findall(r"`([^`\n]+)`", ALL_TEXT) + re.findall(r"```.*?```", ALL_TEXT, re.S)
    set_somewhere = set(re.findall(r"(?<![\w/$])([A-Z][A-Z_]+)=", "\n".join(in_code)))
    strange = set_somewhere - variables() - NOT_OURS - {"PYTHON"}
    assert not strange, f"Nothing reads {strange}"
    silent = {name for name in variables() if not re.search(rf"\b{name}\b", ALL_TEXT)}
    assert not silent, f"No document names {silent}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_it_links_to_what_exists(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT[document]):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = document if not path else (document.parent / path)
        assert place.exists(), f"{document.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", place.read_text(), re.M)
            assert anchor in {slug(heading) for heading in headings}, f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_it_names_paths_that_exist(document: Path) -> None:
    rooms = {place.name for place in ROOT.iterdir()}
    for word in re.findall(r"`([\w.*/-]+)`", TEXT[document]):
        path = word.rstrip("/")
        if "/" in path and path.split("/")[0] in rooms - {"var", ".venv"}:
            assert list(ROOT.glob(path)), f"{document.name} names {word}"
        elif re.fullmatch(r"[A-Z]+\.md|\w+\.(toml|lock)", path):
            assert (ROOT / path).exists() or (document.parent / path).exists(), f"{document.name} names {word}"


@pytest.mark.parametrize(("name", "most"), [("README.md", 150), ("docs/architecture.md", 120)])
def test_it_stays_short_enough_to_be_read(name: str, most: int) -> None:
    assert len((ROOT / name).read_text().splitlines()) <= most


def test_it_keeps_the_words_of_other_places_out() -> None:
    for document, text in TEXT.items():
        assert "../shared" not in text, f"{document.name} points outside the repository"
