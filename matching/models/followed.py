"""What the matching last knew of somebody: says whether a change concerns anybody else."""

from django.db import models

from community.members.models import Profile


class Followed(models.Model):
    """A hash of all that others' suggestions of this person depend on, when these were last made."""

    profile = models.OneToOneField(Profile, primary_key=True, on_delete=models.CASCADE, related_name="+")
    mark = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.profile_id)

    @classmethod
    def is_news(cls, profile_id: int, mark: str) -> bool:
        """Whether this is another hash than the last one; it is kept, so the same is no news the next time."""
        if cls.objects.filter(profile=profile_id, mark=mark).exists():
            return False
        cls.objects.update_or_create(profile_id=profile_id, defaults={"mark": mark})
        return True
