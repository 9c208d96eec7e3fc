"""Addresses of openings; the list and each opening are pages."""

from django.urls import path

from community.openings.models import OpeningIndexPage
from community.openings.views import apply, desk, post, progress
from community.topics.feeds import feed

app_name = "openings"
urlpatterns = [
    path("feed/", feed, {"model": OpeningIndexPage}, name="feed"),
    path("post/", post.post, name="post"),
    path("applications/", progress.mine, name="mine"),
    path("applications/<int:pk>/", progress.application, name="application"),
    path("papers/<uuid:key>/", progress.paper, name="paper"),
    path("guardian/<str:token>/", apply.guardian, name="guardian"),
    path("<slug:slug>/edit/", post.edit, name="edit"),
    path("<slug:slug>/renew/", post.renew, name="renew"),
    path("<slug:slug>/apply/", apply.apply, name="apply"),
    path("<slug:slug>/withdraw/", apply.withdraw, name="withdraw"),
    path("<slug:slug>/applications/", progress.board, name="applications"),
]

# Under /steward/.
steward_patterns = (
    [
        path("openings/", desk.waiting, name="waiting"),
        path("openings/<int:pk>/", desk.opening, name="opening"),
        path("applications/", desk.applications, name="applications"),
        path("applications/words/<int:pk>/", desk.word, name="word"),
        path("applications/papers/<int:pk>/", desk.paper, name="paper"),
    ],
    "openings_steward",
)
