"""How many different people one account may look at in a day, so that nobody copies the whole list."""

import time
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from community.members.models.member import Member


class Glances:
    """The people whom one account has been shown in the last 24 hours; forgotten after that."""

    MOST = 300
    WINDOW = 24 * 60 * 60

    @classmethod
    def take(cls, viewer: "Member", people: "Iterable[int]") -> bool:
        """Count these people as seen; False where that would be too many, and then none of them may be shown.

        Whoever was seen today already costs nothing, so most pages only read.
        """
        key, wanted = f"glances:{viewer.pk}", set(people) - {viewer.pk}
        if wanted <= set(cls._seen(key)):
            return True
        with transaction.atomic():
            # One account's pages are counted one after the other, or many at once would slip through.
            get_user_model().objects.select_for_update().filter(pk=viewer.pk).first()
            seen = cls._seen(key)
            seen |= {pk: time.time() for pk in wanted - set(seen)}
            if len(seen) > cls.MOST:
                return False
            caches["glances"].set(key, seen, cls.WINDOW)
        return True

    @classmethod
    def forget(cls, viewer: "Member") -> None:
        """Forget whom this account has looked at."""
        caches["glances"].delete(f"glances:{viewer.pk}")

    @classmethod
    def _seen(cls, key: str) -> dict[int, float]:
        oldest = time.time() - cls.WINDOW
        return {pk: at for pk, at in caches["glances"].get(key, {}).items() if at > oldest}
