"""Ways to reach somebody outside, found in what people under 18 write or are written to."""

import re

# An address, a number, a page, or the name of something with which people write to each other.
CONTACT = re.compile(
    r"@|\(at\)|\bhttps?:|\bwww\.|\b\w[\w-]{0,60}\.(?:com|org|net|co|uk|eu|de|fr|ie|me|io|info)\b|(?:\d[\s().\-/]*){7,}"
    r"|\b(?:whats\s?app|telegram|signal|snap\s?chat|instagram|discord|facebook|messenger|tik\s?tok|skype|viber)\b",
    re.IGNORECASE,
)


def has_contact(text: str) -> bool:
    """Whether a text seems to lead two people to a place where nobody else is."""
    return bool(CONTACT.search(text))
