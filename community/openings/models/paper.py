"""Files that belong to an application: cleaned at the door, kept in the row, gone some time after its end."""

import uuid
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.notices.models import Notice, NoticeKind
from community.topics.models import CleanFile
from community.trust.models import Safeguarding


class PaperKind(models.TextChoices):
    """What a file is."""

    LIFE = "life", gettext_lazy("What I have done so far")
    LETTER = "letter", gettext_lazy("A letter, or a piece of work")


TYPES = {
    "csv": "text/csv", "pdf": "application/pdf", "txt": "text/plain", "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


class PaperQuerySet(models.QuerySet["Paper"]):
    """Who may open a file."""

    def visible_to(self, member: Any) -> "PaperQuerySet":
        """Whoever may read the application it belongs to; of somebody under 18 safeguarding reads it first.

        A telephone number in a file can be found by nobody but a reader, so none goes on unread.
        """
        applications: Any = apps.get_model("openings", "Application")  # by name: it knows its papers
        seen = self.filter(application__in=applications.objects.visible_to(member).values("pk"))
        goes_on = Q(application__member=member) | Q(application__member__is_adult=True) | ~Q(read_at=None)
        if Safeguarding.includes(member):
            goes_on |= ~Q(application__poster=member)
        return seen.filter(goes_on)

    def waiting_for(self, member: Any) -> "PaperQuerySet":
        """Files of people under 18 that this person of safeguarding has to read before they go on."""
        sent = self.visible_to(member).filter(application__member__is_adult=False, read_at=None)
        return sent.exclude(application__member=member).order_by("created_at", "pk")


class Paper(models.Model):
    """A file that somebody sent with an application.

    It lies in the row and not in the folder of pictures, which the web server gives to anybody who knows an address;
    so a backup holds it, a transaction takes it back, and erasure wipes it with everything else.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey("openings.Application", on_delete=models.CASCADE, related_name="papers")
    kind = models.CharField(max_length=8, choices=PaperKind.choices)
    extension = models.CharField(max_length=5)
    size = models.PositiveIntegerField()
    data = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When safeguarding let it go on.")
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[Any] = PaperQuerySet.as_manager()
    wagtail_reference_index_ignore = True  # no screen of the editing tools names it

    LARGEST: ClassVar[int] = 3 * 1024 * 1024

    class Meta:
        verbose_name = gettext_lazy("file of an application")
        verbose_name_plural = gettext_lazy("files of applications")
        ordering: ClassVar[list[str]] = ["kind", "pk"]

    def __str__(self) -> str:
        return f"paper {self.pk}"

    def get_absolute_url(self) -> str:
        """Where those who may can fetch it."""
        return reverse("openings:paper", args=[self.key])

    @classmethod
    def of(cls, application: Any, kind: str, file: CleanFile) -> "Paper":
        """Keep a clean file with an application."""
        cls.require_small(file)
        file.seek(0)
        data = file.read()
        extension = str(file.name).rpartition(".")[2]
        return cls.objects.create(application=application, kind=kind, extension=extension, size=len(data), data=data)

    @classmethod
    def require_small(cls, file: CleanFile) -> None:
        """Refuse what is larger than a few pages need to be."""
        if file.size > cls.LARGEST:
            words = _("At most %(limit)s are taken. Save it smaller, for example as PDF.")
            raise ValidationError(words % {"limit": filesizeformat(cls.LARGEST)})

    @transaction.atomic
    def let_through(self, by: Any) -> None:
        """Safeguarding has read it, and nothing in it tells how somebody under 18 is reached. Twice does it once."""
        if not type(self).objects.waiting_for(by).filter(pk=self.pk).exists():
            self.refresh_from_db()
            if self.read_at is None:
                raise ValidationError(_("Somebody else of safeguarding must decide on this."))
            return
        if type(self).objects.filter(pk=self.pk, read_at=None).update(read_at=timezone.now(), read_by=by):
            url = self.application.get_absolute_url()
            Notice.send(self.application.poster, NoticeKind.APPLICATION_NEWS, url, actor=self.application.member)
        self.refresh_from_db()

    @property
    def name(self) -> str:
        """A name that tells nothing of its maker."""
        return f"{self.kind}.{self.extension}"

    @property
    def content_type(self) -> str:
        """What it is sent as; never something that a browser would run."""
        return TYPES.get(self.extension, "application/octet-stream")

    @property
    def export_file(self) -> ContentFile[bytes]:
        """The file as an export of somebody's data gives it out."""
        return ContentFile(bytes(self.data), name=self.name)
