"""Setting words on paper: a tagged PDF out of a folder with a page of the typesetter's language and its words."""

from pathlib import Path

import typst
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def typeset(root: Path) -> bytes:
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
