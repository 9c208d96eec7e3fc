"""Names that cannot pretend to be somebody else's."""

import re
import unicodedata

# Letters of other scripts, and figures, that look like a Latin letter. Small on purpose: it catches what a
# person would fall for, in names, at reading size.
LOOKS_LIKE: dict[int, str] = str.maketrans(
    {
        # Cyrillic
        "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "і": "i", "ј": "j", "к": "k", "ӏ": "i",
        "м": "m", "н": "h", "о": "o", "р": "p", "ԛ": "q", "ѕ": "s", "т": "t", "ѵ": "v", "ԝ": "w", "х": "x",
        "у": "y", "г": "r", "п": "n",
        # Greek
        "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t",
        "υ": "u", "χ": "x", "γ": "y", "ω": "w", "ζ": "z", "μ": "u",
        # Latin and signs
        "ı": "i", "l": "i", "1": "i", "|": "i", "!": "i", "0": "o", "3": "e", "5": "s", "$": "s", "@": "a",
        "ø": "o", "ł": "i", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ɑ": "a", "ɡ": "g", "þ": "p",
    }
)  # fmt: skip
INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f]")


def clean_name(name: str) -> str:
    """A name as it may be shown: no control, direction or invisible marks that could make it look like another."""
    kept = "".join(
        c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return re.sub(r"\s+", " ", INVISIBLE.sub("", kept)).strip()


def skeleton(name: str) -> str:
    """What is left of a name for somebody who reads in a hurry: two names with one skeleton look alike."""
    folded = unicodedata.normalize("NFKC", clean_name(name)).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not "\u0300" <= c <= "\u036f")
    plain = bare.translate(LOOKS_LIKE).replace("rn", "m").replace("vv", "w")
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c).startswith("M"))[:200]
