"""What happened to a member, told on the site and by mail."""

from community.notices.models.notice import Notice, NoticeKind, NoticeQuerySet

__all__ = ["Notice", "NoticeKind", "NoticeQuerySet"]
