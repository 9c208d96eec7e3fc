"""Where two people stand, drawn as a path: what lies behind, where they are, and what comes."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from community.connections.models import WAITING, Connection, ConnectionState


@dataclass(frozen=True)
class Station:
    """One point of the path."""

    label: Any
    is_done: bool = False
    is_now: bool = False


def way_of(connection: Connection) -> list[Station]:
    """The stations of the path; what ended early has a short one."""
    asked = Station(_("Asked"), is_done=True)
    if connection.state == ConnectionState.INTRODUCED:
        return path([_("Brought together"), _("First question"), _("Answer"), _("First talk"), _("Agreement")], 0)
    if connection.is_over and not connection.has_begun:
        return [asked, Station(connection.get_state_display(), is_done=True, is_now=True)]
    if connection.state in WAITING:
        answer = _("Not now") if connection.state == ConnectionState.POSTPONED else _("Answer")
        return path([_("Asked"), answer, _("First talk"), _("Agreement"), _("Meetings"), _("End, and thanks")], 1)
    stations = [_("Asked"), _("First talk"), _("Agreement"), _("Meetings"), _("End, and thanks")]
    now = {ConnectionState.ACCEPTED: 1, ConnectionState.AGREED: 3}.get(ConnectionState(connection.state), 4)
    return path(stations, now)


def path(labels: list[Any], now: int) -> list[Station]:
    """Stations of these names; those before the present one lie behind."""
    return [Station(label, number < now, number == now) for number, label in enumerate(labels)]
