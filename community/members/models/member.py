"""The account: who somebody is here, and what the community has promised them."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from community.members.models.block import Block
from community.members.models.name import clean_name, skeleton
from community.members.models.profile import Profile
from community.members.models.rules import Rules
from community.members.models.statement import Statement, StatementSide


class MemberQuerySet(models.QuerySet["Member"]):
    """Which members somebody may see."""

    def adults(self) -> "MemberQuerySet":
        """Active accounts whose owner has said that they are 18 or older."""
        return self.filter(is_active=True, is_adult=True)

    def unblocked_for(self, viewer: "Member") -> "MemberQuerySet":
        """Leave out everyone whom the viewer has blocked or who has blocked the viewer."""
        return self.exclude(pk__in=Block.around(viewer))

    def visible_to(self, viewer: Any) -> "MemberQuerySet":
        """The directory as this viewer may see it: adults who agreed to be shown, to adult members.

        Everyone sees themselves and the people whom they help.
        """
        own = self.editable_by(viewer)
        if not getattr(viewer, "is_authenticated", False) or not viewer.is_adult:
            return own
        # Nobody answers for an account without address and helper, so nobody is led to it.
        kept = self.adults().exclude(email=None, helper=None)
        shown = kept.exclude(profile__open_to=[]).unblocked_for(viewer)
        return self.filter(Q(pk__in=shown.values("pk")) | Q(pk__in=own.values("pk")))

    def editable_by(self, member: Any) -> "MemberQuerySet":
        """Oneself, and the people without e-mail whom one helps."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.filter(Q(pk=member.pk) | Q(helper=member))


class MemberManager(BaseUserManager.from_queryset(MemberQuerySet)):  # type: ignore[misc]
    """Makes accounts; every account gets its profile in the same transaction."""

    @transaction.atomic
    def create_user(self, email: str | None, name: str, password: str | None = None, **fields: Any) -> "Member":
        """Make an account. `email` may be None only for somebody whom a named helper keeps."""
        member = Member(email=(email or "").strip().lower() or None, name=clean_name(name), **fields)
        member.set_password(password)
        member.full_clean(exclude=["password", "handle"])
        member.save()
        return member

    def create_superuser(self, email: str, name: str, password: str | None = None, **fields: Any) -> "Member":
        """Make the operator's account."""
        return self.create_user(
            email, name, password, is_staff=True, is_superuser=True, is_steward=True, is_adult=True, **fields
        )


class Member(index.Indexed, AbstractBaseUser, PermissionsMixin):
    """A person's account. Handle, name and e-mail are three things: for addresses, to be called by, to log in."""

    MOST_LETTERS: ClassVar[int] = 100  # of a name

    handle = models.SlugField(
        _("handle"),
        max_length=60,
        unique=True,
        blank=True,
        help_text=_("Stands in the address of your profile."),
    )
    name = models.CharField(_("name"), max_length=MOST_LETTERS, help_text=_("As people call you."))
    name_skeleton = models.CharField(max_length=200, blank=True, editable=False, db_index=True)
    email = models.EmailField(
        _("e-mail"),
        unique=True,
        null=True,
        blank=True,
        error_messages={"unique": _("This e-mail address already has an account.")},
    )
    helper = models.ForeignKey(
        "self",
        verbose_name=_("helper"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="helped",
        help_text=_("Who acts for a person without e-mail; notices go to them."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False)
    is_steward = models.BooleanField(_("steward"), default=False, help_text=_("May moderate and sees what waits."))
    is_adult = models.BooleanField(_("18 or older"), default=False)
    adult_said_at = models.DateTimeField(_("age answered"), null=True, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    verified_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    verified_reason = models.CharField(_("how we know them"), max_length=200, blank=True)
    rules_version = models.PositiveIntegerField(_("accepted rules"), default=0)
    rules_accepted_at = models.DateTimeField(_("rules accepted"), null=True, blank=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    # Of the site, not of the person: profiles name the languages that somebody can work in. Empty: the site's first.
    language = models.CharField(_("language of the site"), max_length=12, blank=True, default="", editable=False)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    search_fields: ClassVar[list[Any]] = []

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering: ClassVar[list[str]] = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name, for parts that ask a user for it."""
        return self.name

    get_short_name = get_full_name

    def get_absolute_url(self) -> str:
        """The profile page."""
        return f"/people/{self.handle}/"

    def clean(self) -> None:
        """An account needs an e-mail address or a helper who keeps it; reserved words are no handles."""
        self.name = clean_name(self.name)
        self.check_name(self.name, of=self)
        self.email = (self.email or "").strip().lower() or None
        if not self.email and not self.helper_id:
            raise ValidationError({"email": _("Give an e-mail address, or name a helper who keeps this account.")})
        if self.handle in settings.RESERVED_SLUGS:
            raise ValidationError({"handle": _("This word is an address of the site. Choose another.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new member gets a free handle and a profile of their own."""
        is_new = self._state.adding
        self.handle = self.handle or self.free_handle(self.name)
        self.name_skeleton = skeleton(self.name)
        if "name" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "name_skeleton"}
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                Profile.objects.create(member=self)

    @classmethod
    def check_name(cls, name: str, of: "Member | None" = None) -> None:
        """Refuse a name that nobody can read, and one that looks like the name of a steward or a verified member."""
        if not any(c.isalpha() for c in name):
            raise ValidationError({"name": _("Write your name in letters.")})
        if len(clean_name(name)) > cls.MOST_LETTERS:  # composing may have made it longer
            raise ValidationError({"name": _("This name is too long. Shorten it.")})
        known = cls._default_manager.filter(Q(is_steward=True) | Q(verified_at__isnull=False), is_active=True)
        if known.filter(name_skeleton=skeleton(name)).exclude(pk=getattr(of, "pk", None)).exists():
            raise ValidationError(
                {"name": _("Somebody whom the stewards know has this name. Add to yours, for example your village.")}
            )

    @classmethod
    def free_handle(cls, name: str) -> str:
        """A handle made of the name that nobody has yet."""
        stem = slugify(name)[:50] or "member"
        taken = set(cls._default_manager.filter(handle__startswith=stem).values_list("handle", flat=True))
        taken |= settings.RESERVED_SLUGS
        number = 1
        handle = stem
        while handle in taken:
            number += 1
            handle = f"{stem}-{number}"
        return handle

    # Mutators

    MOST_HELPED: ClassVar[int] = 12  # whoever keeps more people than this needs an office, not a profile

    @transaction.atomic
    def help(self, name: str, is_adult: bool) -> "Member":
        """Keep an account for somebody without e-mail: they cannot log in, and their notices come to the helper."""
        self._require_free_hands()
        return type(self).objects.create_user(None, name, helper=self, is_adult=is_adult, adult_said_at=timezone.now())

    def _require_free_hands(self) -> None:
        own = type(self)._default_manager.select_for_update().only("is_active").get(pk=self.pk)
        if not self.is_adult or not self.email or not own.is_active:
            raise ValidationError(_("Only somebody who is 18 or older and has an e-mail address can help others."))
        if self.helped.count() >= self.MOST_HELPED:
            raise ValidationError(_("You help %(n)s people already. Ask a steward.") % {"n": self.MOST_HELPED})

    @transaction.atomic
    def take_on(self, person: "Member") -> None:
        """Act from now on for a grown-up without e-mail whom nobody helps; whether they are found again is said there.

        Raises ValidationError where somebody helps them already, they act for themselves, or a block stands between.
        """
        self._require_free_hands()
        alone = type(self)._default_manager.filter(pk=person.pk, email=None, helper=None, is_active=True, is_adult=True)
        if not alone.unblocked_for(self).update(helper=self):
            raise ValidationError(_("You cannot help this person: somebody does, or they do it themselves."))
        person.refresh_from_db(fields=["helper"])

    @transaction.atomic
    def end_help(self) -> None:
        """Nobody acts for this person any more, from the next request on; nobody is led to them until somebody does."""
        type(self)._default_manager.filter(pk=self.pk).update(helper=None)
        self.refresh_from_db(fields=["helper"])
        if not self.email:
            self.profile.is_paused = True
            self.profile.save(update_fields=["is_paused"])
            self.profile.touch()

    @transaction.atomic
    def let_go(self) -> None:
        """Act for nobody any more: this account is closed, and nobody would answer for them."""
        for person in self.helped.select_related("profile"):
            person.end_help()

    def rename(self, name: str) -> None:
        """Be called something else from now on; the address of the profile stays."""
        self.name = clean_name(name)
        self.check_name(self.name, of=self)
        self.save(update_fields=["name"])

    @transaction.atomic
    def join(self, *, name: str, is_adult: bool, side: str, line: str, rules_version: int = 0) -> None:
        """Come in: the account, the answer on age, the first line and the rules, all of it or nothing."""
        self.name, self.is_adult, self.adult_said_at = clean_name(name), is_adult, timezone.now()
        self.full_clean(exclude=["password", "handle", "email"])
        self.save()
        if line:
            Statement.objects.create(profile=self.profile, side=StatementSide(side), text=line)
        if rules_version:
            self.accept_rules(rules_version)
        self.profile.touch()

    def speak(self, language: str) -> None:
        """Be spoken to in this language by the site and its mails."""
        self.language = language
        self.save(update_fields=["language"])

    def say_adult(self) -> None:
        """The member answered, while signing up, that they are 18 or older."""
        self.is_adult, self.adult_said_at = True, timezone.now()
        self.save(update_fields=["is_adult", "adult_said_at"])

    def confirm_adult(self, steward: "Member") -> None:
        """A steward has made sure that this member, who first said no, is 18 or older."""
        if not steward.is_steward:
            raise ValidationError(_("Only a steward may change this."))
        if steward.pk == self.pk:
            raise ValidationError(_("You cannot confirm your own age. Ask another steward."))
        self.say_adult()

    def verify(self, steward: "Member", reason: str) -> None:
        """A steward vouches for this person, with a reason that stays on record."""
        if not steward.is_steward or not reason.strip():
            raise ValidationError(_("Only a steward may verify somebody, and must say how we know them."))
        if steward.pk == self.pk:
            raise ValidationError(_("You cannot vouch for yourself. Ask another steward."))
        self.verified_at, self.verified_by, self.verified_reason = (
            timezone.now(),
            steward,
            reason.strip()[:200],
        )
        self.save(update_fields=["verified_at", "verified_by", "verified_reason"])

    def accept_rules(self, version: int) -> None:
        """The member has read and accepted this version of the community's rules."""
        self.rules_version, self.rules_accepted_at = version, timezone.now()
        self.save(update_fields=["rules_version", "rules_accepted_at"])

    # Queries

    @property
    def spoken(self) -> str:
        """The language in which the site writes to this person."""
        known = dict(settings.LANGUAGES)
        return self.language if self.language in known else str(settings.LANGUAGE_CODE)

    @property
    def is_verified(self) -> bool:
        """Whether a steward vouches for this person."""
        return self.verified_at is not None

    @property
    def has_old_rules(self) -> bool:
        """Whether newer rules wait to be read."""
        return self.rules_version < Rules.current_version()

    @property
    def has_ever_logged_in(self) -> bool:
        """Whether the person has taken the account into their own hands."""
        return self.last_login is not None
