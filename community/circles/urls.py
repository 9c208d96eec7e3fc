"""Addresses of circles."""

from django.urls import path

from community.circles.views import circles, joining

app_name = "circles"
urlpatterns = [
    path("", circles.circles, name="circles"),
    path("new/", circles.found, name="found"),
    path("<slug:slug>/", circles.circle, name="circle"),
    path("<slug:slug>/edit/", circles.edit, name="edit"),
    path("<slug:slug>/agenda/", circles.plan, name="plan"),
    path("<slug:slug>/join/", joining.join, name="join"),
    path("<slug:slug>/ask/", joining.ask, name="ask"),
    path("<slug:slug>/refuse/", joining.refuse, name="refuse"),
    path("<slug:slug>/leave/", joining.leave, name="leave"),
    path("<slug:slug>/end/", joining.end, name="end"),
    path("<slug:slug>/people/", joining.people, name="people"),
    path("<slug:slug>/people/invite/", joining.invite, name="invite"),
    path("<slug:slug>/people/<int:place>/admit/", joining.admit, name="admit"),
    path("<slug:slug>/people/<int:place>/turn-down/", joining.turn_down, name="turn_down"),
    path("<slug:slug>/people/<int:place>/hand-on/", joining.hand_on, name="hand_on"),
    path("<slug:slug>/people/<int:place>/take-out/", joining.take_out, name="take_out"),
]

# Under /steward/, for stewards only.
steward_patterns = ([path("circles/", circles.asleep, name="asleep")], "circles_steward")
