"""What the server processes of the last-seat race load: the site as it is, and the site without its lock."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from config.wsgi import application as site


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The site as it is; each answer says which process gave it."""

    def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Process", str(os.getpid()))], *rest)

    return site(environ, begin)


def careless(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The control: the same site without its lock and its counter."""
    from community.gatherings.models import GatheringPage
    from tests.soak.seats import carelessly

    def enrol(self: GatheringPage, member: Any, key: Any = None, **_wish: Any) -> Any:
        return carelessly(self, member)

    GatheringPage.enrol = enrol  # type: ignore[method-assign]
    return application(environ, start_response)
