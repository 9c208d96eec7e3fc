"""The house rules that no linter knows (docs/architecture.md): sizes, names, places, and what stays unloaded."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from django.template.loader import get_template
from wagtail.models import Page

from tests.proportions import APPS, ROOT, Function, functions, python_files, tree_of

LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_VIEW = 400, 50, 25
GRAB_BAGS = {"utils", "util", "helpers", "common", "core", "misc", "services", "managers"}
TOP_LEVEL = {
    "manage.py", "pyproject.toml", "README.md", "community", "matching", "home", "templates", "tests",
    "config", "benchmarks", "docs", "Makefile", "Procfile", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
    "LICENSE", "requirements.lock", "requirements-dev.lock",
}  # fmt: skip
APP_FILES = {
    "__init__", "apps", "models", "forms", "views", "urls", "tasks", "privacy", "admin", "wagtail_hooks",
    "migrations", "management", "templatetags", "blocks", "feeds", "locale",
}  # fmt: skip
SPECIAL_FILES = {"trust": {"registry"}, "members": {"adapter"}}
HEAVY = {"torch", "sentence_transformers", "transformers", "sklearn", "scipy"}


def ours(model: type[models.Model]) -> bool:
    """Whether a model is defined in this project."""
    return model.__module__.split(".")[0] in APPS


def offences(found: Iterable[object]) -> str:
    """One line each, for a message that names the culprit."""
    return "\n".join(str(each) for each in found)


def is_view(function: Function) -> bool:
    """A view takes the request first and is not hidden."""
    first = next(iter(function.args.args), None)
    return first is not None and first.arg == "request" and not function.name.startswith("_")


def long_functions(files: Iterable[Path]) -> Iterator[str]:
    """Functions over the limit, views over their own, smaller one."""
    for file in files:
        in_views = file.stem == "views" or file.parent.name == "views"
        for each in functions(file):
            limit = LONGEST_VIEW if in_views and is_view(each.node) else LONGEST_FUNCTION
            if each.lines > limit:
                yield f"{each}, at most {limit}"


def reads_of_the_environment(tree: ast.AST) -> Iterator[int]:
    """The lines that ask the environment for something; setting a variable for a library is no question."""
    for node in ast.walk(tree):
        text = ast.unparse(node) if isinstance(node, ast.Call | ast.Subscript | ast.Compare) else ""
        asks = re.match(r"(os\.)?(environ\.get|getenv)\(", text) or re.search(r" in (os\.)?environ$", text)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            asks = re.match(r"(os\.)?environ\[", text)
        if asks:
            yield node.lineno


def parameters_with_text(tree: ast.AST) -> Iterator[str]:
    """Parameters of tasks that could carry what somebody wrote: anything but ids, kinds and numbers."""
    for node in ast.walk(tree):
        if isinstance(node, Function) and any("task" in ast.unparse(each) for each in node.decorator_list):
            for each in (*node.args.args, *node.args.kwonlyargs):
                kind = ast.unparse(each.annotation) if each.annotation else "nothing"
                named_like_an_id = re.search(r"(^|_)(ids?|keys?|pk|kind|context)$", each.arg)
                if kind not in {"int", "bool", "list[int]", "int | None"} and not named_like_an_id:
                    yield f"{node.name}({each.arg}: {kind})"


def test_it_keeps_modules_short() -> None:
    files = [file for file in python_files(*APPS, "tests", "benchmarks") if file.name != "settings.py"]
    lengths = {file: len(file.read_text().splitlines()) for file in files}
    too_long = [
        f"{file.relative_to(ROOT)}: {n} lines, at most {LONGEST_MODULE}"
        for file, n in lengths.items()
        if n > LONGEST_MODULE
    ]
    assert not too_long, offences(too_long)


def test_it_keeps_functions_short_and_views_shorter() -> None:
    too_long = list(long_functions(python_files(*APPS, "tests", "benchmarks")))
    assert not too_long, offences(too_long)


def test_it_sees_a_long_view(tmp_path: Path) -> None:
    file = tmp_path / "views.py"
    lines = "".join(f"    a{n} = {n}\n" for n in range(LONGEST_VIEW))
    file.write_text(f"def show(request):\n{lines}\ndef _help(request):\n{lines}")
    from tests import proportions

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proportions, "ROOT", tmp_path)
        assert [line.split()[1] for line in long_functions([file])] == ["show"]


def test_it_has_no_grab_bags() -> None:
    places = {part for file in python_files(*APPS, "tests", "benchmarks") for part in (file, *file.parents)}
    bags = [place for place in places if place.is_relative_to(ROOT) and set(place.stem.lower().split("_")) & GRAB_BAGS]
    assert not bags, f"Name it after what it does: {offences(sorted(bags))}"


def test_it_keeps_the_tree_closed() -> None:
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        names = {line.split("/")[0].strip('"') for line in listed.stdout.splitlines()}
    else:
        names = {place.name for place in ROOT.iterdir()} - {"var"}
    strange = {name for name in names if not name.startswith(".")} - TOP_LEVEL
    assert not strange, f"The top level is closed; these belong into a room: {sorted(strange)}"


def test_it_gives_every_community_app_the_same_files() -> None:
    strange = [
        place.relative_to(ROOT)
        for app in (ROOT / "community").iterdir()
        if app.is_dir() and app.name != "__pycache__"
        for place in app.iterdir()
        if (place.is_dir() or place.suffix == ".py")
        and place.stem not in APP_FILES | SPECIAL_FILES.get(app.name, set()) | {"__pycache__"}
    ]
    assert not strange, offences(strange)


def test_it_gives_every_page_type_its_template() -> None:
    pages = [model for model in apps.get_models() if issubclass(model, Page) and ours(model)]
    assert pages
    for page in pages:
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", page.__name__).lower()
        expected = f"{page._meta.app_label}/{snake}.html"
        assert page.template == expected, f"{page.__name__} should be shown by templates/{expected}"
        get_template(expected)


def test_it_says_what_each_model_and_page_means_to_a_person() -> None:
    silent = [
        model.__name__
        for model in apps.get_models()
        # Django writes "Name(field, field)" where nobody wrote anything
        if ours(model) and (model.__doc__ or "").startswith((f"{model.__name__}(", "\n")) | (not model.__doc__)
    ]
    assert not silent, f"A sentence is missing at {silent}"


def test_it_documents_every_public_name_of_the_engine() -> None:
    silent = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in python_files("matching/engine")
        for node in tree_of(file).body
        if isinstance(node, ast.ClassDef | Function)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent, offences(silent)


def test_it_hands_tasks_ids_and_never_text() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {each}"
        for file in python_files("home", "community", "matching")
        for each in parameters_with_text(tree_of(file))
    ]
    assert not found, offences(found)


def test_it_sees_a_task_that_takes_text() -> None:
    tree = ast.parse("@task()\ndef embed(statement_id: int, text: str) -> None: ...")
    assert list(parameters_with_text(tree)) == ["embed(text: str)"]


def test_it_reads_settings_in_one_place() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in python_files("home", "community", "matching")
        for line in reads_of_the_environment(tree_of(file))
    ]
    assert not found, f"Only config/settings.py reads the environment:\n{offences(found)}"


@pytest.mark.parametrize("code", ["os.environ.get('A')", "os.environ['A']", "getenv('A')", "'A' in os.environ"])
def test_it_sees_a_hidden_setting(code: str) -> None:
    assert list(reads_of_the_environment(ast.parse(f"a = {code}\nos.environ['A'] = '1'"))) == [1]


FIRST_REQUESTS = """
import sys
from config.wsgi import application
from django.test import Client
browser = Client(raise_request_exception=False, HTTP_HOST="localhost")
codes = {path: browser.get(path).status_code for path in ("/", "/accounts/login/", "/healthz", "/people/")}
heavy = sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:]))
print(codes["/accounts/login/"], ",".join(heavy) or "light")
"""


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_it_serves_pages_without_the_language_model(tmp_path: Path) -> None:
    copy = tmp_path / "site.sqlite3"
    # not Connection.backup(): that one would wait for the end of our own transaction, for ever
    copy.write_bytes(connection.connection.serialize())
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS, *HEAVY],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{copy}", "VAR_DIR": str(tmp_path), "DEBUG": "1"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["200", "light"], done.stdout + done.stderr
