"""What happened to a member, and what they want to hear of: told on the site and by mail."""

from community.notices.models.digest import Digest, Rhythm
from community.notices.models.follow import Follow
from community.notices.models.letter import Letter
from community.notices.models.notice import Notice, NoticeKind, NoticeQuerySet
from community.notices.models.preference import DIGEST, Preference
from community.notices.models.told import Told
from community.notices.models.way import Way, heading_of, usual_way, ways_of

__all__ = [
    "DIGEST",
    "Digest",
    "Follow",
    "Letter",
    "Notice",
    "NoticeKind",
    "NoticeQuerySet",
    "Preference",
    "Rhythm",
    "Told",
    "Way",
    "heading_of",
    "usual_way",
    "ways_of",
]
