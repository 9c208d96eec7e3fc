"""What trust holds about people, and what the parts that we did not write hold about them."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django_tasks_db.models import DBTaskResult
from wagtail.admin.models import EditingSession, FormState
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    APIToken,
    Comment,
    CommentReply,
    ModelLogEntry,
    Page,
    PageLogEntry,
    PageSubscription,
    ReferenceIndex,
    Revision,
    TaskState,
    UploadedFile,
    WorkflowState,
)
from wagtail.users.models import UserProfile
from wagtail_localize.models import SegmentOverride, StringTranslation

from community.members.models import Member
from community.trust.models import Audit, AuditVerb, Report, end_sessions
from community.trust.registry import Rows

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Report: ("reporter", "about", "handled_by"),
    Audit: ("actor", "member"),
    EmailAddress: "user",
    EmailConfirmation: "email_address__user",
    Authenticator: "user",
    UserProfile: "user",
    APIToken: "user",
    get_image_model(): "uploaded_by_user",
    get_document_model(): "uploaded_by_user",
    UploadedFile: "uploaded_by_user",
    EditingSession: "user",
    FormState: "user",
    ModelLogEntry: "user",
    PageLogEntry: "user",
    PageSubscription: "user",
    StringTranslation: "last_translated_by",
    SegmentOverride: "last_translated_by",
    Revision: "user",
    WorkflowState: "requested_by",
    TaskState: "finished_by",
    Page: ("owner", "locked_by"),
    Comment: ("user", "resolved_by"),
    CommentReply: "user",
    Session: "",  # the person stands inside the encoded session
    DBTaskResult: "",  # tasks take numbers only, but an error message may quote an address
}

# Rows that are the person's own and go with them; in all others only the link to the person is cut.
OWN = (EmailAddress, Authenticator, UserProfile, APIToken, UploadedFile, EditingSession, FormState, PageSubscription)
CUT = ((ModelLogEntry, "user"), (PageLogEntry, "user"), (Revision, "user"), (WorkflowState, "requested_by"),
       (TaskState, "finished_by"), (Page, "owner"), (Page, "locked_by"), (Comment, "resolved_by"),
       (StringTranslation, "last_translated_by"), (SegmentOverride, "last_translated_by"))  # fmt: skip
PERSON_KEYS = {"owner", "locked_by", "author", "user", "resolved_by", "uploaded_by_user"}

EXPORTED: tuple[tuple[str, type[Model], str, tuple[str, ...]], ...] = (
    ("reports you made", Report, "reporter", ("url", "reason", "text", "state", "created_at", "handled_at", "note")),
    ("e-mail addresses", EmailAddress, "user", ("email", "verified", "primary")),
    ("second factors", Authenticator, "user", ("type", "created_at", "last_used_at")),
    ("editing settings", UserProfile, "user", ("preferred_language", "current_time_zone", "theme")),
    ("pictures you put up", get_image_model(), "uploaded_by_user", ("title", "file", "created_at")),
    ("documents you put up", get_document_model(), "uploaded_by_user", ("title", "file", "created_at")),
    ("pages you made", Page, "owner", ("title", "slug", "first_published_at", "live")),
    ("edits of pages", PageLogEntry, "user", ("label", "action", "timestamp")),
    ("edits of other things", ModelLogEntry, "user", ("label", "action", "timestamp")),
    ("sentences you translated", StringTranslation, "last_translated_by", ("data", "updated_at")),
    ("comments on pages", Comment, "user", ("text", "created_at")),
    ("answers to comments", CommentReply, "user", ("text", "created_at")),
)


def export(member: Member) -> Rows:
    """Reports, what stewards did, addresses, uploads and edits; no secrets of the second factor."""
    rows: Rows = {
        title: list(model._default_manager.filter(**{path: member}).values(*fields))
        for title, model, path, fields in EXPORTED
    }
    helped = Q(verb=AuditVerb.ACT_FOR)
    for title, which in (
        ("what stewards did on your account", Q(member=member) & ~helped),
        ("what was done in your name by whoever helped you", Q(member=member) & helped),
        ("what you did as a steward", Q(actor=member) & ~helped),
        ("what you did in the name of people whom you help", Q(actor=member) & helped),
    ):
        done = Audit.objects.filter(which)
        rows[title] = [{"what": one.get_verb_display(), "words": one.words, "at": one.at} for one in done]
    rows["devices you are signed in on"] = [
        {"until": s.expire_date} for s in Session.objects.all() if _belongs_to(s, member)
    ]
    return rows


def _belongs_to(session: Session, member: Member) -> bool:
    return bool(session.get_decoded().get("_auth_user_id") == str(member.pk))


def erase(member: Member) -> None:
    """Remove what is the person's own, cut the link from what belongs to the community, and clean the mailbox."""
    key, needles = member.pk, [word for word in (member.email, member.name) if word]
    needles += EmailAddress.objects.filter(user=member).values_list("email", flat=True)
    end_sessions(member)
    Session.objects.filter(pk__in=[s.pk for s in Session.objects.all() if _belongs_to(s, member)]).delete()
    Report.objects.filter(reporter=member).update(reporter=None, text="")
    # What a steward noted on a report stands in the audit once more; the link to the person is cut next.
    Audit.objects.filter(report__about=member).update(reason="")
    Report.objects.filter(about=member).update(about=None, text="", note="", url="")
    Audit.objects.filter(member=member).update(member=None, reason="")
    _erase_uploads(member)
    _erase_editing(key)
    for model in OWN:
        model._default_manager.filter(**{str(HOLDS[model]): member}).delete()
    for needle in needles:
        DBTaskResult.objects.filter(
            Q(traceback__icontains=needle) | Q(return_value__icontains=needle) | Q(args_kwargs__icontains=needle)
        ).update(traceback="", return_value=None)
    transaction.on_commit(lambda: clean_mailbox(needles))


def _erase_uploads(member: Member) -> None:
    """Delete uploads that nothing shows any more; what a page shows stays, without its uploader."""
    for model in (get_image_model(), get_document_model()):
        for upload in model.objects.filter(uploaded_by_user=member):
            if ReferenceIndex.get_references_to(upload).exists():
                upload.uploaded_by_user = None
                upload.save(update_fields=["uploaded_by_user"])
            else:
                delete_with_files(upload)


def delete_with_files(upload: Any) -> None:
    """Delete an upload and its files at once; Wagtail alone would leave the files to the worker."""
    renditions = upload.renditions.all() if hasattr(upload, "renditions") else []
    files = [upload.file, *(rendition.file for rendition in renditions)]
    kept = [(file.storage, file.name) for file in files]
    upload.delete()
    transaction.on_commit(lambda: [storage.delete(name) for storage, name in kept])


def _erase_editing(key: int) -> None:
    """Take the person out of the editing tools: log, drafts, comments and the text of old versions."""
    on_account = Q(content_type=ContentType.objects.get_for_model(Member), object_id=str(key))
    ModelLogEntry.objects.filter(on_account).delete()
    Comment.objects.filter(user_id=key).delete()
    CommentReply.objects.filter(user_id=key).delete()
    for revision in _revisions_naming(key).iterator():
        content = without_person(revision.content, key)
        if content != revision.content:
            Revision.objects.filter(pk=revision.pk).update(content=content)
    for model, field in CUT:
        model._default_manager.filter(**{field: key}).update(**{field: None})


def _revisions_naming(key: int) -> QuerySet[Revision]:
    """Versions in whose text this number stands at all: few, so that the others need not be read."""
    return Revision.objects.filter(content__icontains=str(key)).only("pk", "content")


def without_person(content: Any, key: int) -> Any:
    """An old version's content without links to this person and without their comments."""
    if isinstance(content, list):
        return [without_person(item, key) for item in content if not _is_comment_of(item, key)]
    if not isinstance(content, dict):
        return content
    return {
        name: None if name in PERSON_KEYS and value == key else without_person(value, key)
        for name, value in content.items()
    }


def _is_comment_of(item: Any, key: int) -> bool:
    return isinstance(item, dict) and "user" in item and "text" in item and item["user"] == key


# --- The mailbox of a site without a mail server: a folder with one file a sending ---------------------------


BETWEEN_MAILS = b"-" * 79 + b"\n"


def clean_mailbox(needles: list[str]) -> int:
    """Delete every kept mail that goes to, comes from or names this person; returns how many mails went."""
    folder = Path(settings.MAIL_DIR)
    if not folder.is_dir():
        return 0
    wanted = [needle.casefold() for needle in needles]
    count = 0
    for file in sorted(folder.iterdir()):
        mails = [mail for mail in file.read_bytes().split(BETWEEN_MAILS) if mail.strip()] if file.is_file() else []
        kept = [mail for mail in mails if not any(needle in readable(mail).casefold() for needle in wanted)]
        count += len(mails) - len(kept)
        if mails and not kept:
            file.unlink()
        elif len(kept) < len(mails):
            file.write_bytes(b"".join(mail + BETWEEN_MAILS for mail in kept))
    return count


def readable(raw: bytes) -> str:
    """The headers and the text of a mail, as written and decoded."""
    mail = message_from_bytes(raw.strip() + b"\n", policy=policy.default)
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([raw.decode("utf-8", "replace"), *map(str, mail.values()), *texts])
