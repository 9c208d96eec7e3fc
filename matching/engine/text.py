"""Text before any model sees it: one normal form, sentences, hashes, and skeletons for comparing words.

Everything here is deterministic and independent of model, locale and machine, so that a hash made today still
says in five years whether a text has changed. Source of the forms: Unicode Standard Annex 15 (NFKC).
"""

import hashlib
import re
import unicodedata

MAX_CHARS = 20_000
"""Texts are cut here (characters, after normalising): beyond what any model reads; no text can stall one."""

_JOINERS = {"\u200c", "\u200d"}  # they carry meaning inside Persian, Indic and emoji words
_SENTENCE_END = re.compile(r"""(?<=[.!?…])\s+|(?<=[.!?…]["'”’)\]])\s+|(?<=[。！？])\s*""")
_LINE_END = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|approx|ca|cf|vs|nr|mr|mrs|ms|dr|st|z\.b|bzw|\w)\.$", re.I)
_WORD = re.compile(r"\w+", re.UNICODE)


def normalise(text: str) -> str:
    """Return the text in NFKC, without control characters, with single spaces, at most `MAX_CHARS` long.

    What is returned is what is encoded and hashed; case, accents and punctuation stay. Idempotent.
    """
    composed = unicodedata.normalize("NFKC", text[: 2 * MAX_CHARS])
    # Of what can be printed nothing is taken out, and most texts can; looking at each letter is slow.
    kept = composed if composed.isprintable() else "".join(map(_plain, composed))
    joined = " ".join(kept.split())
    # Taking a control character out can bring a letter and its accent together: compose once more.
    return unicodedata.normalize("NFKC", joined)[:MAX_CHARS].rstrip()


def _plain(letter: str) -> str:
    category = unicodedata.category(letter)
    if letter.isspace() or category in ("Zl", "Zp"):
        return " "
    if category.startswith("C") and letter not in _JOINERS:
        return ""
    return letter


def text_hash(text: str) -> str:
    """Return the SHA-256 (64 hexadecimal digits) of the normalised text, whatever model will read it."""
    return hashlib.sha256(normalise(text).encode("utf-8", "surrogatepass")).hexdigest()


def sentences(text: str) -> tuple[str, ...]:
    """Split a free text into its normalised sentences, in order, without empty ones.

    Line ends split too (people write lists). A full stop after an initial or a usual abbreviation does not.
    """
    found: list[str] = []
    for line in _LINE_END.split(text[: 2 * MAX_CHARS]):
        pending = ""
        for piece in _SENTENCE_END.split(line):
            pending = f"{pending} {piece}".strip()
            if not _ABBREVIATED.search(pending):
                found.append(normalise(pending))
                pending = ""
        found.append(normalise(pending))
    return tuple(sentence for sentence in found if sentence)


def profile_text(trade: str, about: str) -> str:
    """Return the one text that stands for a whole profile: the trade, a full stop, then what they wrote.

    Either part may be empty; two empty parts give an empty text, which is never encoded.
    """
    parts = [part for part in (normalise(trade).rstrip("."), normalise(about)) if part]
    return ". ".join(parts)


def skeleton(text: str) -> str:
    """Return a text reduced to lower-case, accent-free word stems joined by single spaces.

    Two spellings of one trade ("Bee-keepers", "bee keeper") share a skeleton.
    For comparing, never for showing.
    """
    return " ".join(words(text))


def surface(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are written, in order, case-folded: for looking meanings up."""
    return tuple(_WORD.findall(normalise(text).casefold()))


def words(text: str) -> tuple[str, ...]:
    """Return the word stems of a text, in order: case-folded, without accents and English plural endings."""
    bare = normalise(text).casefold()
    if not bare.isascii():
        decomposed = unicodedata.normalize("NFKD", bare)
        bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return tuple(map(_stem, _WORD.findall(bare)))


def _stem(word: str) -> str:
    """Take off plural endings as the S-stemmer does (Harman, "How effective is suffixing?", JASIS 1991)."""
    if len(word) > 4 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and word[-2] not in "us":
        return word[:-1]
    return word
