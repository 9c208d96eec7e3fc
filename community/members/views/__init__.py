"""Pages about people."""

from community.members.views.kept import keeps_typed
from community.members.views.often import is_too_often

__all__ = ["is_too_often", "keeps_typed"]
