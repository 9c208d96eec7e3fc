"""Addresses of the library; the list and each story are pages."""

from django.urls import URLPattern, path

from community.library.models import (
    CaseStudyPage,
    CollectionIndexPage,
    CollectionPage,
    LessonIndexPage,
    LessonPage,
    LogIndexPage,
    LogPage,
    PlaybookIndexPage,
    PlaybookPage,
    StoryIndexPage,
    TriedPage,
)
from community.library.views import (
    cards,
    collections,
    confide,
    desk,
    failures,
    lessons,
    logs,
    mine,
    moderate,
    papers,
    playbooks,
    tell,
    trials,
)
from community.topics.feeds import feed


def trial_patterns(model: type[TriedPage]) -> list[URLPattern]:
    """The addresses of tries below pages of one kind; each kind that can be tried has its own."""
    kind, one = {"model": model}, "<slug:slug>/tries/<uuid:trial>/"
    return [
        path("<slug:slug>/tried/", trials.try_here, kind, name="tried"),
        path("<slug:slug>/tries/", trials.tries, kind, name="tries"),
        path(one, trials.trial, kind, name="trial"),
        path(f"{one}edit/", trials.edit_trial, kind, name="edit_trial"),
        path(f"{one}delete/", trials.delete_trial, kind, name="delete_trial"),
        path(f"{one}story/", trials.grow_trial, kind, name="grow_trial"),
        path(f"{one}hide/", trials.moderate_trial, kind | {"verb": "hide"}, name="hide_trial"),
        path(f"{one}show/", trials.moderate_trial, kind | {"verb": "show"}, name="show_trial"),
    ]


app_name = "library"
urlpatterns: list[URLPattern] = [
    path("feed/", feed, {"model": StoryIndexPage}, name="feed"),
    path("<slug:slug>/card/", cards.card, {"model": CaseStudyPage}, name="card"),
    path("<slug:slug>/pdf/", papers.pdf, {"model": CaseStudyPage}, name="pdf"),
    path("tell/", tell.begin, name="tell"),
    path("tell/hint/<slug:step>/", tell.hint, name="hint"),
    path("tell/<int:pk>/check/", tell.check, name="check"),
    path("tell/<int:pk>/<slug:step>/", tell.go_on, name="step"),
    path("mine/", mine.stories, name="mine"),
    path("mine/<int:pk>/", mine.story, name="my_story"),
    path("mine/<int:pk>/take-back/", mine.take_back, name="take_back"),
    path("mine/<int:pk>/discard/", mine.discard, name="discard"),
    path("mine/<int:pk>/still-true/", mine.still_true, name="still_true"),
    path("tell/confidential/", confide.confide, name="confide"),
    path("receipt/", confide.receipt, name="receipt"),
    path("<slug:slug>/nominate/", failures.nominate, name="nominate"),
    path("<slug:slug>/nominate/take-back/", failures.take_back, name="take_nomination_back"),
    *trial_patterns(CaseStudyPage),
]

# Under /lessons/.
lesson_patterns = (
    [
        path("feed/", feed, {"model": LessonIndexPage}, name="feed"),
        path("<slug:slug>/card/", cards.card, {"model": LessonPage}, name="card"),
        path("<slug:slug>/pdf/", papers.pdf, {"model": LessonPage}, name="pdf"),
        path("<slug:slug>/done/", lessons.done, name="done"),
        *trial_patterns(LessonPage),
    ],
    "lessons",
)

# Under /experiments/.
log_patterns = (
    [
        path("feed/", feed, {"model": LogIndexPage}, name="feed"),
        path("<slug:slug>/card/", cards.card, {"model": LogPage}, name="card"),
        path("<slug:slug>/pdf/", papers.pdf, {"model": LogPage}, name="pdf"),
        path("<slug:slug>/join/", logs.join, name="join"),
        path("<slug:slug>/leave/", logs.leave, name="leave"),
        path("<slug:slug>/story/", logs.grow_log, name="grow_log"),
        path("<slug:slug>/notes/new/", logs.add_update, name="add_update"),
        path("<slug:slug>/notes/<int:pk>/edit/", logs.edit_update, name="edit_update"),
        path("<slug:slug>/notes/<int:pk>/delete/", logs.delete_update, name="delete_update"),
    ],
    "experiments",
)

# Under /playbooks/.
playbook_patterns = (
    [
        path("feed/", feed, {"model": PlaybookIndexPage}, name="feed"),
        path("<slug:slug>/card/", cards.card, {"model": PlaybookPage}, name="card"),
        path("<slug:slug>/pdf/", papers.pdf, {"model": PlaybookPage}, name="pdf"),
        path("<slug:slug>/adopted/", playbooks.adopted, name="adopted"),
        path("<slug:slug>/adopted/<int:pk>/", playbooks.adoption, name="adoption"),
        path("<slug:slug>/adopted/<int:pk>/edit/", playbooks.edit_adoption, name="edit_adoption"),
        path("<slug:slug>/adopted/<int:pk>/delete/", playbooks.delete_adoption, name="delete_adoption"),
        path("<slug:slug>/adopted/<int:pk>/hide/", playbooks.moderate_adoption, {"verb": "hide"}, name="hide_adoption"),
        path("<slug:slug>/adopted/<int:pk>/show/", playbooks.moderate_adoption, {"verb": "show"}, name="show_adoption"),
        *trial_patterns(PlaybookPage),
    ],
    "playbooks",
)

# Under /collections/.
collection_patterns = (
    [
        path("feed/", feed, {"model": CollectionIndexPage}, name="feed"),
        path("<slug:slug>/offline/", collections.offline, name="offline"),
        path("<slug:slug>/pack/", collections.pack, name="pack"),
        path("<slug:slug>/pdf/", papers.pdf, {"model": CollectionPage}, name="pdf"),
    ],
    "collections",
)

# Under /steward/, for stewards and for those who may publish.
steward_patterns = (
    [
        path("stories/", moderate.waiting, name="waiting"),
        path("stories/<int:pk>/", moderate.review, name="review"),
        path("stories/<int:pk>/trust/", moderate.trust, name="trust"),
        path("failures/", failures.failures, name="failures"),
    ],
    "library_steward",
)

# Under /steward/, for the few of the failure desk.
desk_patterns = (
    [path("desk/", desk.desk, name="desk"), path("desk/<uuid:key>/", desk.desk_story, name="story")],
    "library_desk",
)
