"""What the machine knows: one vector for each text that it may read."""

from django.apps import apps
from django.db import models

from community.members.models import Profile, Statement
from community.openings.models import OpeningLine


class Vector(models.Model):
    """One text of a member or an opening as the language model reads it: personal data, never leaves the host."""

    profile = models.ForeignKey(Profile, null=True, on_delete=models.CASCADE, related_name="vectors")
    statement = models.ForeignKey(Statement, null=True, on_delete=models.CASCADE, related_name="vectors")
    line = models.ForeignKey(OpeningLine, null=True, on_delete=models.CASCADE, related_name="vectors")
    key = models.CharField(max_length=40, unique=True, help_text="Which text of whom; see matching.roster.texts_of.")
    model = models.CharField(max_length=120)
    text_hash = models.CharField(max_length=64)
    data = models.BinaryField(help_text="float32, little-endian, of length 1.")

    def __str__(self) -> str:
        return self.key

    @classmethod
    def forget(cls, profile_id: int) -> None:
        """Drop every vector of this person."""
        cls.objects.filter(profile=profile_id).delete()

    @classmethod
    def heal(cls) -> int:
        """Queue what a lost task missed; the app knows how, since that stands above the rows."""
        return int(apps.get_app_config("matching").heal())  # type: ignore[attr-defined]
