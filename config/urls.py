"""Which address leads where. Wagtail's pages come last: whatever nothing else claims is a page or a 404."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from community.circles.urls import steward_patterns as circles_steward_patterns
from community.connections.urls import steward_patterns as connections_steward_patterns
from community.gatherings.urls import steward_patterns as gatherings_steward_patterns
from community.library.urls import collection_patterns, desk_patterns, lesson_patterns, log_patterns, playbook_patterns
from community.library.urls import steward_patterns as library_steward_patterns
from community.openings.urls import steward_patterns as openings_steward_patterns
from matching.urls import steward_patterns

handler500 = "home.middleware.error_page"

urlpatterns: list[URLPattern | URLResolver] = [
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("community.members.urls")),
    path("notices/", include("community.notices.urls")),
    path("connections/", include("community.connections.urls")),
    path("", include("community.trust.urls")),
    path("questions/", include("community.questions.urls")),
    path("stories/", include("community.library.urls")),
    path("lessons/", include(lesson_patterns)),
    path("experiments/", include(log_patterns)),
    path("playbooks/", include(playbook_patterns)),
    path("collections/", include(collection_patterns)),
    path("gatherings/", include("community.gatherings.urls")),
    path("openings/", include("community.openings.urls")),
    path("circles/", include("community.circles.urls")),
    path("matches/", include("matching.urls")),
    path("steward/", include(steward_patterns)),
    path("steward/", include(connections_steward_patterns)),
    path("steward/", include(desk_patterns)),
    path("steward/", include(library_steward_patterns)),
    path("steward/", include(gatherings_steward_patterns)),
    path("steward/", include(openings_steward_patterns)),
    path("steward/", include(circles_steward_patterns)),
    path("", include("home.urls")),
    # Pages begin with their language (/fr/stories/), those of the first language with none.
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False),
]
