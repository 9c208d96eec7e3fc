"""What a member shows, offers, seeks and allows."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models.cell import Cell

# The matching module must hear of a change without the people knowing that it exists.
profile_changed = Signal()

LANGUAGES: dict[str, str] = {
    "en": "English", "cy": "Cymraeg", "ga": "Gaeilge", "gd": "Gàidhlig", "fr": "Français", "de": "Deutsch",
    "es": "Español", "pt": "Português", "it": "Italiano", "nl": "Nederlands", "pl": "Polski", "ro": "Română",
    "cs": "Čeština", "sk": "Slovenčina", "hu": "Magyar", "bg": "Български", "hr": "Hrvatski", "sl": "Slovenščina",
    "el": "Ελληνικά", "sv": "Svenska", "da": "Dansk", "no": "Norsk", "fi": "Suomi", "et": "Eesti", "lv": "Latviešu",
    "lt": "Lietuvių", "uk": "Українська", "ru": "Русский", "tr": "Türkçe", "ar": "العربية", "fa": "فارسی",
    "he": "עברית", "ur": "اردو", "hi": "हिन्दी", "bn": "বাংলা", "pa": "ਪੰਜਾਬੀ", "ta": "தமிழ்", "zh": "中文",
    "ja": "日本語", "ko": "한국어", "vi": "Tiếng Việt", "tl": "Tagalog", "sw": "Kiswahili", "so": "Soomaali",
    "ti": "ትግርኛ", "am": "አማርኛ", "yo": "Yorùbá", "ig": "Igbo", "tw": "Twi",
}  # fmt: skip


class Visibility(models.TextChoices):
    """Who may use a field or a statement, and for what."""

    MEMBERS = "members", _("Shown to members")
    MATCHING = "matching", _("For matching only, never shown")
    ME = "me", _("Only me")


class Role(models.TextChoices):
    """How somebody describes themselves; it gates nothing."""

    PRODUCER = "producer", _("Producer")
    MENTOR = "mentor", _("Mentor")
    LEARNER = "learner", _("Learner")
    EDUCATOR = "educator", _("Educator")


class SeasonName(models.TextChoices):
    """When in the year somebody has time; the words are those of the seasons that pages are filed under."""

    WINTER = "winter", _("Winter")
    SPRING = "spring", _("Spring")
    SUMMER = "summer", _("Summer")
    AUTUMN = "autumn", _("Autumn")


class OpenTo(models.TextChoices):
    """As what a member agrees to be shown to others; none of them: as nothing at all."""

    MENTOR = "mentor", _("As a mentor, to people who want to learn")
    APPRENTICE = "apprentice", _("As a learner, to people who can teach")
    COLLABORATOR = "collaborator", _("As a partner for work together")
    PEER = "peer", _("As a peer, to people in the same trade")


def _visibility(default: Visibility, label: Any) -> "models.CharField[str, str]":
    return models.CharField(label, max_length=8, choices=Visibility.choices, default=default)


class Profile(models.Model):
    """What one member shows, seeks and allows. Everything grows with time; nothing but the name is needed at first."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    trade = models.CharField(_("trade"), max_length=80, blank=True, help_text=_("For example: cheese maker."))
    about = models.TextField(_("about you"), max_length=5000, blank=True)
    place = models.CharField(
        _("place"), max_length=80, blank=True, help_text=_("As it shall be shown: a village, a valley.")
    )
    cell_lat = models.FloatField(null=True, blank=True, editable=False)
    cell_lon = models.FloatField(null=True, blank=True, editable=False)
    place_changed_on = models.DateField(null=True, blank=True, editable=False)
    place_changes = models.PositiveSmallIntegerField(default=0, editable=False)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    roles = models.JSONField(_("roles"), default=list, blank=True)
    open_to = models.JSONField(_("as what you agree to be shown"), default=list, blank=True)
    capacity = models.PositiveSmallIntegerField(
        _("people at a time"), default=1, validators=[MaxValueValidator(50)],
        help_text=_("How many people you can help at the same time."),
    )  # fmt: skip
    weekly_requests = models.PositiveSmallIntegerField(
        _("new questions in seven days"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Leave empty for the number of your community. Where that is smaller, it counts."),
    )  # fmt: skip
    is_paused = models.BooleanField(_("pause"), default=False, help_text=_("Nobody is suggested while you pause."))
    is_matched = models.BooleanField(
        _("use my page for matching"), default=True,
        help_text=_("Without it the machine reads nothing of yours: nobody is suggested to you, and you to nobody."),
    )  # fmt: skip
    seasons = models.JSONField(_("seasons"), default=list, blank=True)
    hours_per_month = models.PositiveSmallIntegerField(_("hours a month"), null=True, blank=True)
    max_km = models.PositiveSmallIntegerField(
        _("how far, in km"), null=True, blank=True, help_text=_("Leave empty for no limit.")
    )
    stops_in_years = models.PositiveSmallIntegerField(
        _("I plan to stop in … years"), null=True, blank=True, validators=[MaxValueValidator(80)]
    )
    not_own_trade_km = models.PositiveSmallIntegerField(
        _("not with my own trade within … km"), null=True, blank=True, help_text=_("Nobody else sees this.")
    )
    not_with = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("not with"), blank=True, related_name="+",
        help_text=_("People you do not want to be brought together with. Nobody else sees this."),
    )  # fmt: skip
    shows_passed_on = models.BooleanField(
        _("show on my page what I passed on"), default=False,
        help_text=_("The hours and the number of skills, from what is finished. Nobody whom you taught is named."),
    )  # fmt: skip
    about_visibility = _visibility(Visibility.MEMBERS, _("who may use it"))
    place_visibility = _visibility(Visibility.MEMBERS, _("who may use it"))
    languages_visibility = _visibility(Visibility.MEMBERS, _("who may use it"))
    availability_visibility = _visibility(Visibility.MEMBERS, _("who may use it"))
    stops_visibility = _visibility(Visibility.ME, _("who may use it"))
    version = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.member_id}"

    def clean(self) -> None:
        """Lists hold known words only, each once, in a fixed order."""
        known: tuple[tuple[str, Any], ...] = (
            ("languages", LANGUAGES), ("roles", Role.values), ("open_to", OpenTo.values),
            ("seasons", SeasonName.values),
        )  # fmt: skip
        for field, words in known:
            given = getattr(self, field)
            unknown = [word for word in given if word not in words]
            if unknown:
                raise ValidationError(
                    {field: _("“%(word)s” is not known here. Known: %(words)s.")
                     % {"word": unknown[0], "words": ", ".join(words)}}
                )  # fmt: skip
            setattr(self, field, [word for word in words if word in given])

    # Mutators

    def touch(self) -> None:
        """Something about this person changed: count the version up and let the matching know."""
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(version=models.F("version") + 1, updated_at=timezone.now())
            self.refresh_from_db(fields=["version", "updated_at"])
            profile_changed.send(type(self), profile=self)

    def move_to(self, lat: float | None, lon: float | None) -> bool:
        """Set where this person is, as the square around the point; returns whether it changed. Does not save.

        Raises ValidationError where the point is wrong or was moved too often today: each move would let
        somebody measure another person's distance from one more side.
        """
        if lat is None or lon is None:
            cell = None
        else:
            try:
                cell = Cell.around(lat, lon)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        if cell == self.cell:
            return False
        today = timezone.localdate()
        changes = self.place_changes if self.place_changed_on == today else 0
        if self.cell is not None and changes >= settings.PLACE_CHANGES_A_DAY:
            raise ValidationError(_("You moved your place %(n)s times today. Try again tomorrow.") % {"n": changes})
        self.place_changes, self.place_changed_on = changes + 1, today
        self.cell_lat, self.cell_lon = (cell.lat, cell.lon) if cell else (None, None)
        return True

    def show_passed_on(self, *, is_shown: bool) -> None:
        """Want on one's page what one passed on, or not any more."""
        type(self).objects.filter(pk=self.pk).update(shows_passed_on=is_shown)
        self.refresh_from_db(fields=["shows_passed_on"])

    # Queries

    @classmethod
    def cell_of_place(cls, name: str) -> Cell | None:
        """The square of a village in which two or more members show that they live: nobody types numbers twice.

        One alone is not enough, so that a place name gives nobody's own square away.
        """
        shown = cls.objects.filter(place__iexact=name.strip(), place_visibility=Visibility.MEMBERS)
        cells = shown.filter(member__is_active=True, member__is_adult=True).exclude(cell_lat=None)
        found = cells.values("cell_lat", "cell_lon").annotate(people=models.Count("pk")).order_by("-people", "cell_lat")
        best = found.filter(people__gte=2).first()
        return Cell(best["cell_lat"], best["cell_lon"]) if best else None

    @property
    def cell(self) -> Cell | None:
        """The square this person is in, or None."""
        return Cell(self.cell_lat, self.cell_lon) if self.cell_lat is not None and self.cell_lon is not None else None

    @property
    def is_open(self) -> bool:
        """Whether this person agreed to be shown at all."""
        return bool(self.open_to)

    def shown(self, field: str, viewer: Any) -> Any:
        """A field's value as this viewer may see it: None where it is kept for matching or for oneself."""
        kept = {
            "hours_per_month": "availability", "seasons": "availability", "stops_in_years": "stops",
        }.get(field, field)  # fmt: skip
        visibility = getattr(self, f"{kept}_visibility", Visibility.MEMBERS)
        is_own = getattr(viewer, "pk", None) == self.member_id
        return getattr(self, field) if is_own or visibility == Visibility.MEMBERS else None

    @property
    def stops_on(self) -> date | None:
        """About when this person plans to stop; only for the member's own screens and what they allowed."""
        if self.stops_in_years is None:
            return None
        today = timezone.localdate()
        return date(today.year + self.stops_in_years, today.month, 1)

    HINTS: ClassVar[tuple[tuple[str, Any], ...]] = (
        (
            "open_to",
            _("Say as what you agree to be shown. Until then nobody is suggested to anybody because of you."),
        ),
        ("place", _("Add a place: suggestions can then say how far it is.")),
        ("languages", _("Add the languages you can work in.")),
        ("about", _("Write three sentences about your work. They help where single lines do not fit.")),
        ("trade", _("Name your trade, so that people know at a glance.")),
    )

    @property
    def hints(self) -> list[str]:
        """What would improve this person's matches most, best first."""
        sides = set(self.statements.values_list("side", flat=True)) if self.pk else set()
        missing = [
            (_("Add what you can show others: one line for each thing."), "offer" not in sides),
            (_("Add what you want to learn or need: one line for each thing."), "need" not in sides),
        ]
        return [str(text) for text, is_missing in missing if is_missing] + [
            str(text) for field, text in self.HINTS if not getattr(self, field)
        ]
