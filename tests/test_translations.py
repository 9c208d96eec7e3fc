"""The words of the site in its other languages: all there, nothing doubtful, and the same in both kinds of file."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation import gettext as spoken
from django.utils.translation import override
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CATALOGUES = sorted(ROOT.glob("*/locale/fr/LC_MESSAGES/django.po")) + sorted(
    ROOT.glob("community/*/locale/fr/LC_MESSAGES/django.po")
)
ONE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
MANY = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
LITERAL = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALLED = re.compile(rf"\b(_|n?gettext|n?pgettext)\(\s*((?:{LITERAL}\s*,?\s*)+)")
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|</?\w+[^>]*>")
Message = tuple[str, str]  # context and words


def of_template(path: Path) -> Iterator[Message]:
    """What a template says, as Django itself reads it."""
    for name, words in CALLED.findall(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
        texts = [str(ast.literal_eval(text)) for text in re.findall(LITERAL, words)]
        yield (texts[0], texts[1]) if "p" in name else ("", texts[0])


def of_module(path: Path) -> Iterator[Message]:
    """What a Python module says."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if node.func.id in ONE | MANY and texts:
                yield "", texts[0]
            elif node.func.id in IN_CONTEXT and len(texts) > 1:
                yield texts[0], texts[1]


def said() -> dict[Message, Path]:
    """Everything that the product says, and one place where it does."""
    found: dict[Message, Path] = {}
    for path in sorted(ROOT.glob("templates/**/*.html")) + sorted(ROOT.glob("templates/**/*.txt")):
        found |= dict.fromkeys(of_template(path), path)
    for folder in ("home", "matching", "community"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                found |= dict.fromkeys(of_module(path), path)
    return {message: path for message, path in found.items() if message[1]}


def translated() -> dict[Message, polib.POEntry]:
    """Every message that has French words."""
    entries = (entry for path in CATALOGUES for entry in polib.pofile(str(path)).translated_entries())
    return {(entry.msgctxt or "", entry.msgid): entry for entry in entries}


def test_it_says_everything_in_french() -> None:
    known = translated()
    assert {message: path for message, path in said().items() if message not in known} == {}


def test_it_reads_what_the_product_says() -> None:
    """The control: messages of all kinds are found, so a new one without French words would be, too."""
    found = said()
    assert ("", "Ask the network") in found  # {% translate %}
    assert ("", "%(n)s step") in found  # {% blocktranslate count %}
    assert ("", "Somebody") in found  # _("…") in a filter
    assert ("", "Shown to members") in found  # gettext_lazy
    assert ("", "words that nobody says") not in found
    assert len(found) > 2000


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_it_is_sure_of_each_word(path: Path) -> None:
    entries = polib.pofile(str(path))
    assert entries.metadata["Plural-Forms"] == "nplurals=2; plural=(n > 1);"
    assert [entry.msgid for entry in entries if entry.fuzzy or entry.obsolete or not entry.translated()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_it_keeps_what_is_filled_in_and_what_is_marked_up(path: Path) -> None:
    wrong = []
    for entry in polib.pofile(str(path)):
        for original, words in pairs(entry) if entry.translated() else ():
            if sorted(PLACES.findall(original)) != sorted(PLACES.findall(words)):
                wrong.append(f"{original!r} → {words!r}")
            if (original[:1].isspace(), original[-1:].isspace()) != (words[:1].isspace(), words[-1:].isspace()):
                wrong.append(f"space: {original!r} → {words!r}")
            if original.count("\n") != words.count("\n"):
                wrong.append(f"lines: {original!r} → {words!r}")
    assert wrong == []


def pairs(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """Each form of a message with the French one that stands for it."""
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
        return
    yield entry.msgid, entry.msgstr_plural[0]
    yield entry.msgid_plural, entry.msgstr_plural[1]


@pytest.mark.parametrize("path", [*CATALOGUES, ROOT / "home/locale/en_GB/LC_MESSAGES/django.po"], ids=str)
def test_it_keeps_the_compiled_file_beside_the_written_one(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in polib.pofile(str(path)).translated_entries():
        forms = entry.msgstr_plural or {None: entry.msgstr}
        for number, words in forms.items():
            key = f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid
            kept = compiled._catalog.get(key if number is None else (key, number))  # type: ignore[attr-defined]
            assert kept == words, f"{path}: compile it again: {entry.msgid!r}"


def test_it_speaks() -> None:
    with override("fr"):
        assert spoken("Ask the network") == "Demander au réseau"
    with override("en-gb"):
        assert spoken("Ask the network") == "Ask the network"
