"""Ways to reach somebody outside, found in a text: what a host writes to people under 18 is shown to them without."""

import re
from typing import Any

from django.utils.translation import gettext as _

LINK = (
    r"(?:https?://|www\.)\S+"
    r"|\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.(?:com|net|org|io|me|info|eu|uk|de|fr|ie|app|gg|chat)\b(?:/\S*)?"
)
MAIL = r"[^\s@]{1,64}(?:@|\s?[\[(]\s?(?:at|@)\s?[\])]\s?)[^\s@]{1,200}"
NAME = r"(?<!\w)@\w{2,}"
PHONE = r"\+?\d(?:[\s().\-/]{0,3}\d){6,}"
PLACE = r"\b(?:whats\s?app|telegram|signal|snap\s?chat|instagram|discord|facebook|messenger|tik\s?tok|skype|viber)\b"
FOUND = re.compile("|".join((MAIL, LINK, NAME, PHONE, PLACE)), re.IGNORECASE)


def shown_to(reader: Any, text: str) -> str:
    """The text as this reader may see it: under 18 without numbers, addresses and links that lead off this site."""
    return text if getattr(reader, "is_adult", False) else FOUND.sub(_("[left out]"), text)
