"""The pages and permissions that every community starts with; made where they are missing, never changed."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page, Site

from community.topics.models import EntryIndexPage
from home.models import HomePage, StandardPage

EDITORS = "Editors"


def lists() -> dict[str, tuple[str, str, str]]:
    """For each list of entries, by its class: its word in addresses, its title and its introduction."""
    return {
        "StoryIndexPage": ("stories", _("Stories"), _("What people here tried, how it ended and why.")),
        "LessonIndexPage": ("lessons", _("Lessons"), _("How it is done, step by step, by people who do it.")),
        "LogIndexPage": ("experiments", _("Experiments"), _("What people are trying out just now. You can join in.")),
        "PlaybookIndexPage": ("playbooks", _("Playbooks"), _("Things that people share, written down for copying.")),
        "CollectionIndexPage":
            ("collections", _("Collections"), _("Pages that belong together, in the order in which to read them.")),
        "GatheringIndexPage":
            ("gatherings", _("Gatherings"), _("Workshops, visits and meetings: come and see it done.")),
        "OpeningIndexPage":
            ("openings", _("Openings"), _("Places to learn a trade, and people wanted to show theirs.")),
    }  # fmt: skip


def plain_pages() -> dict[str, tuple[str, list[str]]]:
    """The plain pages that the foot of every page leads to: word in addresses → title and paragraphs."""
    return {
        "about": (_("About us"), [
            _("People who grow, make and mend things pass on here what they know."),
            _("Whoever runs this community: say here who you are and how to reach you."),
        ]),
        "help": (_("Help"), [
            _("To join, give a name, an e-mail address, one thing that you can show or want to learn, and say "
              "whether you are 18 or older. The rest can wait."),
            _("Offers and needs are one line each, in your own words: “sharpen a handsaw” is better than “woodwork”."),
            _("If somebody is suggested to you and it fits, press “Introduce us”. The other person is asked first."),
            _("If you use no computer, another member can keep your profile for you. Ask a steward."),
        ]),
        "privacy": (_("Privacy, in plain words"), [
            _("We keep what you typed here, and nothing that was bought or fetched from elsewhere."),
            _("Your place is kept only as a square of ten kilometres."),
            _("Each line of your profile is for members, for matching only, or for you alone. You choose."),
            _("Suggestions are worked out on this machine. Your words go to no other company."),
            _("Under “Me” you can download everything that is kept about you, or erase it."),
        ]),
    }  # fmt: skip


def paragraphs(texts: list[str]) -> list[tuple[str, Any]]:
    """Plain texts as the body of a plain page."""
    return [("words", format_html_join("", "<p>{}</p>", ((text,) for text in texts)))]


def first_rules() -> str:
    """The rules that a community starts with; its stewards write better ones."""
    return "\n\n".join([
        _("1. Be kind. Talk to people here as you would in their own yard."),
        _("2. Be honest about what went wrong. Nobody mocks a failure that somebody has had the courage to tell."),
        _("3. What you are told in confidence stays with you."),
        _("4. Safety comes before politeness. If something looks dangerous, say so at once."),
        _("5. Anyone under 18 comes with the knowledge of a parent or guardian."),
        _("6. You may block anyone without giving a reason. Report what frightens you or breaks these rules."),
    ])  # fmt: skip


def is_planted() -> bool:
    """Whether the site shows our front page and all lists, so that there is nothing to do at an ordinary start.

    A site that is older than one of the lists gets it at its next start.
    """
    has_front = HomePage.objects.filter(sites_rooted_here__is_default_site=True).exists()
    planted = [model for model in HomePage.allowed_subpage_models() if model.__name__ in lists()]
    return has_front and all(model.objects.exists() for model in planted)


@transaction.atomic
def plant() -> HomePage:
    """Make the front page, the lists and the plain pages that are missing, and point the site at them."""
    front = HomePage.objects.first() or _plant_front()
    slugs = set(front.get_children().values_list("slug", flat=True))
    for model in HomePage.allowed_subpage_models():
        slug, title, intro = lists().get(model.__name__, ("", "", ""))
        if issubclass(model, EntryIndexPage) and slug and not model.objects.exists():
            front.add_child(instance=model(slug=slug, title=title, intro=intro))
    for slug, (title, texts) in plain_pages().items():
        if slug not in slugs:
            front.add_child(instance=StandardPage(slug=slug, title=title, body=paragraphs(texts)))
    allow_editors(front)
    return front


def _plant_front() -> HomePage:
    """The front page in place of Wagtail's welcome, at the address of this site."""
    root = Page.objects.get(depth=1)
    front: HomePage = root.add_child(
        instance=HomePage(
            slug="front-page",
            title=_("Front page"),
            headline=_("Know-how, handed on"),
            lead=_(
                "People who grow, make and mend things show each other how. Read what others tried, or come and see."
            ),
        )
    )
    address = urlsplit(settings.SITE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    welcome = site.root_page if site.pk else None
    site.hostname, site.port, site.root_page = address.hostname, port, front
    site.save()
    if welcome and welcome.is_leaf() and welcome.specific_class is Page:
        welcome.delete()
    return front


def allow_editors(front: HomePage) -> Group:
    """The group of people who keep the pages: all pages below the front page, pictures, topics, the settings."""
    group = Group.objects.get_or_create(name=EDITORS)[0]
    names = {"access_admin", "change_sitesettings", "submit_translation"} | {
        f"{verb}_{noun}" for verb in ("add", "change", "delete", "view") for noun in ("topic", "season")
    }
    group.permissions.add(*Permission.objects.filter(codename__in=names))
    for verb in ("add", "change", "publish"):
        page_permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=f"{verb}_page")
        GroupPagePermission.objects.get_or_create(group=group, page=front, permission=page_permission)
    everything = Collection.get_first_root_node()
    for permission in Permission.objects.filter(
        content_type__app_label__in=["wagtailimages", "wagtaildocs"],
        codename__in=[f"{verb}_{noun}" for verb in ("add", "change", "choose") for noun in ("image", "document")],
    ):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=everything, permission=permission)
    return group
