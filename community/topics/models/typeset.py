"""Setting words on paper: a tagged PDF from a page of the typesetter's language and the words for it."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typst
from django.core.exceptions import ValidationError
from django.template.loader import get_template
from django.utils.translation import gettext as _

NOTHING: Mapping[str, bytes] = MappingProxyType({})


def typeset(beside: str, page: str, data: dict[str, Any], files: Mapping[str, bytes] = NOTHING) -> bytes:
    """Set words, which go to the typesetter as data, by the page of its language that lies beside a template.

    `files`: pictures that the page shows, by their names. Raises ValidationError, with words for the reader, where
    something cannot be set.
    """
    source = Path(get_template(beside).origin.name).with_name(page)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "data.json").write_text(json.dumps(data), encoding="utf-8")
        (root / "paper.typ").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        for name, content in files.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(content)
        return compiled(root)


def compiled(root: Path) -> bytes:
    """Set it in the letters that come along; what they lack is taken from the machine, or else shown as a box.

    A file with a box in it is tagged as well, but may not call itself PDF/UA.
    """
    for is_complete in (True, False):
        compiler = typst.Compiler(root / "paper.typ", root=root, ignore_system_fonts=is_complete)
        try:
            made = compiler.compile(format="pdf", pdf_standards=["ua-1"] if is_complete else [], timestamp=0)
        except typst.TypstError:
            continue
        if isinstance(made, bytes):
            return made
    raise ValidationError(_("This cannot be set on paper. Print it from your browser instead."))
