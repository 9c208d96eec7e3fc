"""A small file that goes with a message: cleaned at the door, kept in the row, fetched by the two alone."""

import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.topics.models import CleanFile

TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
}


class Enclosure(models.Model):
    """A picture or a PDF that one of the two sent to the other; every page leaves its bytes in the database."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.OneToOneField("connections.Message", on_delete=models.CASCADE, related_name="enclosure")
    extension = models.CharField(max_length=5)
    size = models.PositiveIntegerField()
    data = models.BinaryField()

    objects: ClassVar[Any] = models.Manager()
    wagtail_reference_index_ignore = True  # no screen of the editing tools names it

    LARGEST: ClassVar[int] = 5 * 1024 * 1024

    class Meta:
        verbose_name = gettext_lazy("file of a message")
        verbose_name_plural = gettext_lazy("files of messages")

    def __str__(self) -> str:
        return f"enclosure {self.pk}"

    def get_absolute_url(self) -> str:
        """Where the two can fetch it."""
        return reverse("connections:enclosure", args=[self.message.connection_id, self.key])

    @classmethod
    def put(cls, message: Any, file: CleanFile) -> "Enclosure":
        """Keep a clean file with a message."""
        cls.require_small(file)
        file.seek(0)
        data = file.read()
        extension = str(file.name).rpartition(".")[2]
        return cls.objects.create(message=message, extension=extension, size=len(data), data=data)

    @classmethod
    def require_small(cls, file: Any) -> None:
        """Refuse what is larger than a few pages or a picture need to be."""
        if file.size > cls.LARGEST:
            words = _("At most %(limit)s are taken. Make it smaller and send it once more.")
            raise ValidationError(words % {"limit": filesizeformat(cls.LARGEST)})

    @property
    def name(self) -> str:
        """What the file is called when it is fetched: nothing that its maker called it."""
        return f"{self.key.hex[:12]}.{self.extension}"

    @property
    def content_type(self) -> str:
        """What a browser is told about it."""
        return TYPES[self.extension]

    @property
    def is_picture(self) -> bool:
        """Whether it is something to look at and not to read."""
        return self.extension != "pdf"
