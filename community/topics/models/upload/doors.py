"""The doors through which files come in: whatever the way, what is written to the disk is clean."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.images import get_image_model

from community.members.models import Member
from community.topics.models.upload.file import RANDOM_NAME, CleanFile, is_clean
from community.topics.models.upload.paper import paper_without_traces
from community.topics.models.upload.picture import without_traces


def clean_picture(upload: Any, title: str, member: Member | None) -> Any:
    """Keep a picture that somebody sent, as a row of Wagtail's images; `member` is None where nobody may know.

    Raises Refused, a BadRequest, where the file is no picture; a form with a `PictureField` has said so before.
    """
    file = upload if is_clean(upload) else without_traces(upload)
    return get_image_model().objects.create(title=title[:255], file=file, uploaded_by_user=member)


# Signals, because the models are Wagtail's: every way to a new row (form, several at once, code) passes here.
@receiver(pre_save, sender="wagtailimages.Image")
def clean_image(sender: type, instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """A picture that was not cleaned yet is replaced by a clean copy before anything is written to the disk."""
    if _is_new(instance, update_fields):
        _put_in_place(instance, without_traces, _("Picture"))
        instance._set_image_file_metadata()


@receiver(pre_save, sender="wagtaildocs.Document")
def clean_document(sender: type, instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """The same for a document."""
    if _is_new(instance, update_fields):
        _put_in_place(instance, paper_without_traces, _("Document"))
        instance._set_document_file_metadata()


@receiver(pre_save, sender="wagtailcore.UploadedFile")
def clean_waiting_file(sender: type, instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """Where several are sent at once, Wagtail keeps those whose title is refused until somebody mends it."""
    if _is_new(instance, update_fields):
        is_picture = instance.for_content_type.model_class() is get_image_model()
        _put_in_place(instance, without_traces if is_picture else paper_without_traces)


def _is_new(instance: Any, update_fields: Any) -> bool:
    """Whether this save writes a file that has not come through the door: the names of those that have are random."""
    file = instance.file
    if not file or (update_fields is not None and "file" not in update_fields):
        return False
    return not file._committed or not RANDOM_NAME.search(file.name)


def _put_in_place(instance: Any, clean: Callable[[Any], CleanFile], title: str = "") -> None:
    """Put the clean file where the one that was sent stood; a title that only repeats the file's name goes with it."""
    sent = instance.file
    name = Path(sent.name).name
    if not is_clean(sent):
        try:
            done = clean(sent)
        finally:  # what was written before it could be cleaned goes, clean copy or none
            if sent._committed:
                sent.close()
                sent.storage.delete(sent.name)
        instance.file = done
        instance.file.name = done.name
    if title and instance.title in {"", name}:
        instance.title = title
