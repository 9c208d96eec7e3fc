"""Addresses of circles."""

from django.urls import path

from community.circles.views import circles, inside, joining, keeping

app_name = "circles"
urlpatterns = [
    path("", circles.circles, name="circles"),
    path("new/", circles.found, name="found"),
    path("keep/<int:page>/", keeping.keep, name="keep"),
    path("of/<int:group>/", keeping.of_group, name="of_group"),
    path("<slug:slug>/", circles.circle, name="circle"),
    path("<slug:slug>/edit/", circles.edit, name="edit"),
    path("<slug:slug>/agenda/", circles.plan, name="plan"),
    path("<slug:slug>/join/", joining.join, name="join"),
    path("<slug:slug>/ask/", joining.ask, name="ask"),
    path("<slug:slug>/refuse/", joining.refuse, name="refuse"),
    path("<slug:slug>/leave/", joining.leave, name="leave"),
    path("<slug:slug>/end/", joining.end, name="end"),
    path("<slug:slug>/minutes/", inside.all_minutes, name="all_minutes"),
    path("<slug:slug>/minutes/new/", inside.write, name="write"),
    path("<slug:slug>/minutes/<int:pk>/", inside.minutes, name="minutes"),
    path("<slug:slug>/minutes/<int:pk>/edit/", inside.edit_minutes, name="edit_minutes"),
    path("<slug:slug>/to-do/new/", inside.give, name="give"),
    path("<slug:slug>/to-do/<int:pk>/tick/", inside.tick, name="tick"),
    path("<slug:slug>/polls/new/", inside.put_poll, name="put_poll"),
    path("<slug:slug>/polls/<int:pk>/", inside.poll, name="poll"),
    path("<slug:slug>/polls/<int:pk>/close/", inside.close_poll, name="close_poll"),
    path("<slug:slug>/questions/ask/", inside.ask_inside, name="ask_inside"),
    path("<slug:slug>/people/", joining.people, name="people"),
    path("<slug:slug>/people/invite/", joining.invite, name="invite"),
    path("<slug:slug>/people/<int:place>/admit/", joining.admit, name="admit"),
    path("<slug:slug>/people/<int:place>/turn-down/", joining.turn_down, name="turn_down"),
    path("<slug:slug>/people/<int:place>/hand-on/", joining.hand_on, name="hand_on"),
    path("<slug:slug>/people/<int:place>/take-out/", joining.take_out, name="take_out"),
]

# Under /steward/, for stewards only.
steward_patterns = ([path("circles/", circles.asleep, name="asleep")], "circles_steward")
