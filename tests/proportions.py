"""Measures the code as style guides do: lines that are neither blank, comment nor docstring.

`python -m tests.proportions` prints the aims beside the figures; test_architecture guards the hard limits.
"""

import ast
import io
import statistics
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "home", "community", "matching")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Measured:
    """One function with its length in lines of code."""

    file: Path
    node: Function
    lines: int

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.node.lineno} {self.node.name} ({self.lines} lines)"


def python_files(*folders: str) -> list[Path]:
    """Every Python file of ours under these top-level folders, migrations apart."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return sorted(file for file in found if "migrations" not in file.parts)


@cache
def tree_of(file: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(file.read_text(), str(file))


@cache
def code_lines(file: Path) -> frozenset[int]:
    """The numbers of the lines that hold code."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    skipped |= {tokenize.ENCODING, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(file.read_text()).readline):
        if token.type not in skipped:
            lines.update(range(token.start[0], token.end[0] + 1))
    return frozenset(lines - set(docstring_lines(tree_of(file))))


def docstring_lines(tree: ast.Module) -> Iterator[int]:
    """The numbers of the lines that docstrings take."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node, clean=False):
            first = node.body[0]
            yield from range(first.lineno, (first.end_lineno or first.lineno) + 1)


def functions(file: Path) -> Iterator[Measured]:
    """Every function and method of a file, measured with its signature."""
    lines = code_lines(file)
    for node in ast.walk(tree_of(file)):
        if isinstance(node, Function):
            own = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            yield Measured(file, node, sum(1 for number in own if number in lines))


def main() -> None:
    """Print each proportion beside its aim."""
    modules = [len(code_lines(file)) for file in python_files(*APPS)]
    code, tests = sum(modules), sum(len(code_lines(file)) for file in python_files("tests"))
    lengths = [each.lines for file in python_files(*APPS) for each in functions(file)]
    templates = [len(file.read_text().splitlines()) for file in (ROOT / "templates").rglob("*.html")]
    test_texts = [file.read_text() for file in python_files("tests") if file.name.startswith("test_")]
    test_count = sum(text.count("def test_") for text in test_texts)
    mocks = sum(text.count("mock.") + text.count("monkeypatch.set") for text in test_texts)
    rows = [
        ("module median", statistics.median([n for n in modules if n] or [0]), "≤ 100 lines"),
        ("function median", statistics.median(lengths or [0]), "≤ 10 lines"),
        ("template median", statistics.median(templates or [0]), "≤ 30 lines"),
        ("test code ÷ code", tests / max(code, 1), "1.5–2"),
        ("mocks a test", mocks / max(test_count, 1), "≤ 0.1"),
    ]
    print(f"\nproportions ({code} lines of code, {test_count} test functions)")
    for name, figure, aim in rows:
        print(f"  {name:18} {figure:7.2f}   aim {aim}")


if __name__ == "__main__":
    main()
