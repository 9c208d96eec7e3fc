"""Addresses of suggestions."""

from django.urls import path, re_path

from matching.views import ask, circles, gaps, openings, rounds, steward, suggestions, why

app_name = "matching"
KIND = r"(?P<kind>mentor|apprentice|collaborator|peer)"
urlpatterns = [
    path("", suggestions.overview, name="overview"),
    path("circles/", circles.for_me, name="circles"),
    path("gaps/", gaps.table, name="gaps"),
    path("gaps/wanted-and-taught.csv", gaps.as_csv, name="gaps_csv"),
    path("openings/", openings.for_me, name="openings"),
    path("openings/<slug:slug>/", openings.people, name="opening_people"),
    path("data/", why.data, name="data"),
    path("why/<slug:handle>/", why.why, name="why"),
    path("rounds/", rounds.overview, name="rounds"),
    path("rounds/<slug:slug>/", rounds.detail, name="round"),
    path("rounds/<slug:slug>/leave/", rounds.leave, name="leave_round"),
    path("dismissed/", suggestions.dismissed, name="dismissed"),
    re_path(rf"^{KIND}/$", suggestions.kind, name="kind"),
    re_path(rf"^{KIND}/(?P<handle>[-\w]+)/dismiss/$", suggestions.dismiss, name="dismiss"),
    re_path(rf"^{KIND}/(?P<handle>[-\w]+)/restore/$", suggestions.restore, name="restore"),
]

# Under /steward/, for stewards only.
steward_patterns = (
    [
        path("matching/", steward.matching, name="matching"),
        path("matching/stop/", steward.stop, name="stop"),
        path("matching/resume/", steward.resume, name="resume"),
        path("asked/", ask.unanswered, name="unanswered"),
        path("asked/<int:pk>/", ask.settle, name="settle"),
        path("circles/found/", circles.found, name="circles"),
        path("circles/found/look/", circles.look, name="look_for_circles"),
        path("circles/found/<int:pk>/tell/", circles.tell, name="tell_circle"),
        path("rounds/", rounds.desk, name="rounds"),
        path("rounds/<slug:slug>/", rounds.steer, name="round"),
        path("rounds/<slug:slug>/publish/", rounds.publish, name="publish"),
    ],
    "matching_steward",
)
