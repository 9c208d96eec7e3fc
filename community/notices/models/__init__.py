"""What happened to a member, and what they want to hear of: told on the site and by mail."""

from community.notices.models.digest import Digest, Rhythm
from community.notices.models.follow import Follow
from community.notices.models.notice import Notice, NoticeKind, NoticeQuerySet

__all__ = ["Digest", "Follow", "Notice", "NoticeKind", "NoticeQuerySet", "Rhythm"]
