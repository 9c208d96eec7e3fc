"""What tests of Ask share: pages that were read, and a question's vector from the planted model."""

from typing import Any

from matching import reading
from tests.matching.planted import WordEncoder


def read_all(by: WordEncoder) -> None:
    """What the worker does in time: all pages and offers read, all vectors of people up to date."""
    from matching import refresh

    refresh.embed(by=by)  # type: ignore[arg-type]
    reading.read_everything(by)  # type: ignore[arg-type]


def titles(answers: list[Any]) -> list[str]:
    """The titles of what was found, in order."""
    return [answer.page.title for answer in answers]


def sentence(answer: Any) -> str:
    """The sentence that was shown with an answer, marks as brackets."""
    return "".join(f"[{text}]" if is_asked else text for text, is_asked in answer.sentence)
