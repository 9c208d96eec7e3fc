"""Pages about people."""

from community.members.views.kept import keeps_typed

__all__ = ["keeps_typed"]
