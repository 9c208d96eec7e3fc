"""How hard a text is to read: a number that works in any language with words and sentences, and one thing to do."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

LONG_WORD = 7  # letters; LIX, C.-H. Björnsson 1968
LONG_SENTENCE = 30  # words: nobody reads these aloud in one breath
EASY, HARD = 40.0, 55.0
FEWEST_WORDS = 20  # below that the number says nothing


@dataclass(frozen=True)
class Reading:
    """How a text reads: its LIX (mean words a sentence + per cent of long words) and its longest sentence in words."""

    lix: float
    longest: int

    @property
    def is_easy(self) -> bool:
        """Whether most people read it without stopping."""
        return self.lix <= EASY and self.longest <= LONG_SENTENCE

    @property
    def hint(self) -> Any:
        """One thing that would help the reader; praise where nothing would."""
        if self.longest > LONG_SENTENCE:
            return _("Your longest sentence has %(n)s words. Cut it in two, and more people will follow.") % {
                "n": self.longest
            }
        if self.lix > HARD:
            return _("This is hard to read. Say it in short words, as you would tell it over a gate.")
        if self.lix > EASY:
            return _("Most people can follow this. Shorter words would help the others.")
        return _("This reads easily.")


def read(text: str) -> Reading | None:
    """How this text reads; None where there is too little of it to tell."""
    sentences = [re.findall(r"\w+(?:['’]\w+)*", part) for part in re.split(r"[.!?:;]+(?:\s|$)|\n{2,}", text)]
    sentences = [words for words in sentences if words]
    words = [word for sentence in sentences for word in sentence]
    if len(words) < FEWEST_WORDS:
        return None
    long = sum(len(word) >= LONG_WORD for word in words)
    lix = len(words) / len(sentences) + 100 * long / len(words)
    return Reading(round(lix, 1), max(map(len, sentences)))
