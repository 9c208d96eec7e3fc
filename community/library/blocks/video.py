"""Videos that lie at a few named hosts: the address of their player, made from the address that somebody typed.

Nothing is ever fetched to find it. So there is no request that an address could lead astray, to a machine inside or
by a redirect; and a page knows what it would show without anybody having been asked.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

YOUTUBE = {"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be", "www.youtube-nocookie.com"}
VIMEO = {"vimeo.com", "www.vimeo.com", "player.vimeo.com"}
LONGEST = 300


@dataclass(frozen=True)
class Video:
    """One video: its word, who shows it, from which host its player comes, and where it stands at its own place."""

    key: str
    provider: str
    host: str
    player: str
    url: str

    @classmethod
    def of(cls, address: Any) -> "Video | None":
        """The video at this address; None where it is none, or lies at a host that is not on the list."""
        text = str(address or "").strip()
        try:
            parts = urlsplit(text)
            is_plain = parts.scheme == "https" and not parts.username and not parts.password and not parts.port
        except ValueError:  # a bracket or a port that is none
            return None
        if not is_plain or len(text) > LONGEST or not re.fullmatch(r"[\x21-\x7e]+", text):
            return None
        host = (parts.hostname or "").lower()
        if host in YOUTUBE:
            return cls._youtube(host, parts.path, parts.query)
        if host in VIMEO:
            return cls._vimeo(parts.path, parts.query)
        if host in settings.PEERTUBE_HOSTS:
            return cls._peertube(host, parts.path)
        return None

    @classmethod
    def _youtube(cls, host: str, path: str, query: str) -> "Video | None":
        """Through the host that sets no cookie before somebody presses play."""
        asked = parse_qs(query).get("v", [""])[0] if path == "/watch" else path.rsplit("/", 1)[-1]
        is_known = path == "/watch" or path == f"/{asked}" and host == "youtu.be"
        is_known = is_known or path in {f"/{room}/{asked}" for room in ("embed", "shorts", "live")}
        if not is_known or not re.fullmatch(r"[A-Za-z0-9_-]{11}", asked):
            return None
        player = "www.youtube-nocookie.com"
        own = f"https://www.youtube.com/watch?v={asked}"
        return cls(asked, "YouTube", player, f"https://{player}/embed/{asked}?rel=0", own)

    @classmethod
    def _vimeo(cls, path: str, query: str) -> "Video | None":
        """With the wish not to be followed about; an unlisted one brings its own second word along."""
        found = re.fullmatch(r"(?:/video)?/([0-9]{1,12})(?:/([0-9a-f]{6,20}))?/?", path)
        if not found:
            return None
        number, word = found.groups()
        word = word or next(iter(re.findall(r"(?:^|&)h=([0-9a-f]{6,20})(?:&|$)", query)), "")
        host, more = "player.vimeo.com", f"&h={word}" if word else ""
        own = "/".join(filter(None, ("https://vimeo.com", number, word)))
        return cls(number, "Vimeo", host, f"https://{host}/video/{number}?dnt=1{more}", own)

    @classmethod
    def _peertube(cls, host: str, path: str) -> "Video | None":
        found = re.fullmatch(r"/(?:w|videos/watch|videos/embed)/([A-Za-z0-9-]{22,36})/?", path)
        if not found:
            return None
        key = found[1]
        return cls(key, host, host, f"https://{host}/videos/embed/{key}?p2p=0", f"https://{host}/w/{key}")
