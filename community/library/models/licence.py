"""What others may do with a story, and whether it still holds: the words and where they lead."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Licence(models.TextChoices):
    """What others may do with the words, the figures and the pictures."""

    BY = "by", _("Use it and change it, but name me (CC BY 4.0)")
    BY_SA = "by-sa", _("Use it and change it, name me, and share what you make alike (CC BY-SA 4.0)")
    RESERVED = "reserved", _("Read it here, and ask me for anything else")

    @property
    def url(self) -> str:
        """Where the whole text of the licence stands; empty where there is none."""
        is_common = self in {Licence.BY, Licence.BY_SA}
        return f"https://creativecommons.org/licenses/{self.value}/4.0/" if is_common else ""

    @property
    def short(self) -> str:
        """The licence in the few words that stand on a page."""
        return {Licence.BY: "CC BY 4.0", Licence.BY_SA: "CC BY-SA 4.0"}.get(self, str(_("Ask the teller first")))


class Standing(models.TextChoices):
    """What the teller said when asked, a year later, whether it is still true."""

    TRUE = "true", _("It is still true")
    CHANGED = "changed", _("I have brought it up to date")
    PAST = "past", _("It is no longer true")
