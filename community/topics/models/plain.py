"""Plain words as rich text, and the other way round: what is typed in a form, and what a page keeps."""

import re
from html import unescape

from django.utils.html import escape, strip_tags


def as_paragraphs(text: str) -> str:
    """Plain words as rich text: an empty line parts paragraphs, everything else is escaped."""
    parts = re.split(r"\n\s*\n", escape(text.replace("\r\n", "\n").strip()))
    return "".join(f"<p>{'<br/>'.join(part.strip().splitlines())}</p>" for part in parts if part.strip())


def as_text(html: str) -> str:
    """Rich text as plain words, the other way round."""
    lines = re.sub(r"<br\s*/?>", "\n", str(html))
    parts = re.sub(r"</(?:p|li|h\d|ul|ol)>", "\n\n", lines)
    return re.sub(r"\n{3,}", "\n\n", unescape(strip_tags(parts))).strip()
