"""Addresses of people."""

from django.urls import path, re_path

from community.members.views import kept, me, people, rules, statements

TOPIC = "(?P<topic>about|place|allow|wishes)"

app_name = "members"
urlpatterns = [
    path("drafts/<uuid:key>/", kept.keep_draft, name="keep_draft"),
    path("drafts/<uuid:key>/discard/", me.discard_draft, name="discard_draft"),
    path("rules/", rules.rules, name="rules"),
    path("me/", me.me, name="me"),
    re_path(rf"^me/{TOPIC}/$", me.edit_topic, name="topic"),
    path("me/lines/", statements.lines, name="lines"),
    path("me/lines/new/", statements.add_line, name="add_line"),
    path("me/lines/<int:pk>/", statements.edit_line, name="edit_line"),
    path("me/lines/<int:pk>/delete/", statements.delete_line, name="delete_line"),
    path("me/blocks/", people.blocks, name="blocks"),
    path("me/blocks/<int:pk>/lift/", people.lift_block, name="lift_block"),
    path("me/privacy/", me.privacy, name="privacy"),
    path("me/rules/", rules.accept_rules, name="accept_rules"),
    path("me/people/new/", me.help_somebody, name="help_somebody"),
    path("me/people/<slug:handle>/", me.helped, name="helped"),
    path("me/people/<slug:handle>/lines/", statements.lines, name="helped_lines"),
    path("me/people/<slug:handle>/lines/new/", statements.add_line, name="add_helped_line"),
    re_path(rf"^me/people/(?P<handle>[-\w]+)/{TOPIC}/$", me.edit_topic, name="helped_topic"),
    path("people/", people.people, name="people"),
    path("people/<slug:handle>/", people.person, name="person"),
    path("people/<slug:handle>/block/", people.block, name="block"),
]
