"""How lines and times are put into words."""

from django.utils.translation import ngettext

HOUR, DAY = 60, 24 * 60


def lasting(minutes: int) -> str:
    """A time in the two largest units that it has, as one would say it; empty for none."""
    days, hours, rest = minutes // DAY, minutes % DAY // HOUR, minutes % HOUR
    said = [
        ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days else "",
        ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours} if hours else "",
        ngettext("%(n)s minute", "%(n)s minutes", rest) % {"n": rest} if rest else "",
    ]
    return " ".join([words for words in said if words][:2])


def lines_of(text: str) -> list[str]:
    """What stands on each line, without empty ones and without the dashes that people put before them."""
    return [line for line in (line.strip().lstrip("-–•* ") for line in text.splitlines()) if line]
