"""A story in plain words: what is typed in a form as the parts of a page, and the other way round."""

import uuid
from typing import Any

from community.library.blocks import StoryBlock
from community.topics.models import as_text


def text_of(body: Any, name: str) -> str:
    """The words of the first chapter of this name; empty where there is none."""
    part = part_of(body, name)
    return as_text(part.source) if part is not None else ""


def part_of(body: Any, name: str) -> Any:
    """The first part of this name in a story, or None."""
    return next((part.value for part in body if part.block_type == name), None)


def with_parts(body: Any, parts: dict[str, Any]) -> list[dict[str, Any]]:
    """The story with its first part of each name put in place of the old one, or taken out where it is None.

    A part whose words are the same keeps the form that an editor gave it; what the form does not know stays.
    """
    told = list(body.get_prep_value())
    order = list(StoryBlock.base_blocks)  # type: ignore[attr-defined]
    for name, value in parts.items():
        at = next((n for n, part in enumerate(told) if part["type"] == name), None)
        if at is not None and value and in_words(part_of(body, name)) == in_words(value):
            continue
        if at is not None:
            told[at : at + 1] = [told[at] | {"value": value}] if value else []
        elif value:
            later = (n for n, part in enumerate(told) if order.index(part["type"]) > order.index(name))
            told.insert(next(later, len(told)), {"type": name, "value": value, "id": str(uuid.uuid4())})
    return told


def in_words(value: Any) -> Any:
    """A part without anything but its words, to see whether two are the same."""
    if isinstance(value, dict):
        return {name: in_words(child) for name, child in value.items()}
    if isinstance(value, str) or hasattr(value, "source"):
        return as_text(getattr(value, "source", value))
    return [in_words(child) for child in value]
