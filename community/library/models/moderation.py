"""Who reads a story before everybody does: the step of Wagtail's workflow, its states, and trusted authors."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import (
    GroupPagePermission,
    Page,
    PageLogEntry,
    Task,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
    WorkflowTask,
)

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import EntryPage
from community.trust.models import Audit, AuditVerb

WORKFLOW = "Stories"


class StoryState(models.TextChoices):
    """Where a story stands on its way to the readers."""

    DRAFT = "draft", _("Not sent yet")
    WAITING = "waiting", _("A steward is reading it")
    NEEDS_WORK = "needs_work", _("Needs a little more")
    REFUSED = "refused", _("Not taken")
    PUBLISHED = "published", _("Everybody can read it")


def state_of(story: Page, review: WorkflowState | None) -> StoryState:
    """The state of the newest wording, read from Wagtail's own rows."""
    step = review.current_task_state if review else None
    if review and step and review.status == WorkflowState.STATUS_IN_PROGRESS:
        return StoryState.WAITING
    if review and step and review.status == WorkflowState.STATUS_NEEDS_CHANGES:
        return StoryState.NEEDS_WORK
    was_refused = bool(step and step.status == TaskState.STATUS_REJECTED)
    if step and was_refused and (not story.live or step.revision_id == story.latest_revision_id):
        return StoryState.REFUSED
    if story.live and not story.has_unpublished_changes:
        return StoryState.PUBLISHED
    return StoryState.DRAFT


def publishers() -> Q:
    """Whom the editing tools let publish: operators, and the groups that may publish pages."""
    may = GroupPagePermission.objects.filter(permission__codename="publish_page")
    return Q(is_superuser=True) | Q(groups__in=may.values("group"))


class Review(Task):
    """A steward or an editor reads what somebody has told, and says yes, what is missing, or no."""

    class Meta:
        verbose_name = _("reading by a steward")
        verbose_name_plural = _("readings by a steward")

    @classmethod
    @transaction.atomic
    def workflow(cls, above: Page) -> Workflow:
        """The workflow of stories; made where it is missing, and given to the list of stories, never changed."""
        Page.objects.select_for_update().get(pk=above.pk)  # the first two stories may be sent at the same moment
        if given := WorkflowPage.objects.filter(page_id=above.pk).select_related("workflow").first():
            return given.workflow
        workflow = Workflow.objects.filter(name=WORKFLOW, active=True).first() or Workflow.objects.create(name=WORKFLOW)
        if not WorkflowTask.objects.filter(workflow=workflow).exists():
            task = cls.objects.first() or cls.objects.create(name=str(_("A steward reads it")))
            WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
        WorkflowPage.objects.create(workflow=workflow, page_id=above.pk)
        return workflow

    @classmethod
    def readers(cls) -> "models.QuerySet[Member]":
        """Who may decide: stewards, and whoever may publish."""
        people = Member.objects.filter(is_active=True)
        return people.filter(pk__in=people.filter(Q(is_steward=True) | publishers()).values("pk"))

    @classmethod
    def may_decide(cls, member: Any, author_id: int | None) -> bool:
        """Whether this member decides on a story: never on their own, unless nobody else is there to do it."""
        readers = cls.readers()
        if not readers.filter(pk=getattr(member, "pk", None) or 0).exists():
            return False
        return author_id != member.pk or not readers.exclude(pk=member.pk).exists()

    # What Wagtail's editing tools ask

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        """Whoever decides may also look at it in the editing tools, if they have a key to these at all."""
        return self.may_decide(user, getattr(obj, "author_id", None))

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """While somebody reads it, nobody else changes it."""
        return not self.may_decide(user, getattr(obj, "author_id", None))

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Yes, and what is missing; both tell the author."""
        if not self.may_decide(user, getattr(obj, "author_id", None)):
            return []
        return [("reject", _("Needs work: say what"), True), ("approve", _("Publish it"), False)]

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> "models.QuerySet[TaskState]":
        """What waits for this reader."""
        if not self.readers().filter(pk=user.pk).exists():
            return TaskState.objects.none()
        return TaskState.objects.filter(task=self.task_ptr, status=TaskState.STATUS_IN_PROGRESS)

    @classmethod
    def get_description(cls) -> Any:
        """What it is, for whoever puts workflows together."""
        return _("Stewards, and everybody who may publish, can take a story, ask for more, or say no.")

    @transaction.atomic
    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> None:
        """Do it, and tell the author, whether it was done at the stewards' desk or in the editing tools."""
        if action_name == "approve":
            # Who said yes stands in the task and in the log. The publishing itself names nobody: Wagtail would ask
            # whether they have the right in the editing tools, and a steward needs no key to these.
            task_state.approve(user=user, update=False, **kwargs)
            task_state.workflow_state.update(user=None)
        else:
            super().on_action(task_state, user, action_name, **kwargs)
        kinds = {"approve": NoticeKind.STORY_PUBLISHED, "reject": NoticeKind.STORY_NEEDS_WORK}
        story = task_state.workflow_state.content_object.specific
        if (kind := kinds.get(action_name)) and story.author:
            Notice.send(story.author, kind, story.my_url)


class TrustedAuthor(models.Model):
    """Somebody whose small changes to their own published stories need no reading; a steward said so, and why."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    trusted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(_("why"), max_length=200)
    since = models.DateTimeField(default=timezone.now)

    FEWEST: ClassVar[int] = 2  # published stories before a steward can know how somebody writes

    def __str__(self) -> str:
        return f"trusted author {self.member_id}"

    @classmethod
    @transaction.atomic
    def trust(cls, member: Member, by: Member, reason: str, published: int) -> "TrustedAuthor":
        """Let somebody's small changes go straight through. Saying it twice keeps the first."""
        if not by.is_steward or not reason.strip():
            raise ValidationError(_("Only a steward may do this, and must say why."))
        if by.pk == member.pk:
            raise ValidationError(_("You cannot trust yourself. Ask another steward."))
        if published < cls.FEWEST:
            raise ValidationError(_("They need %(n)s published stories first.") % {"n": cls.FEWEST})
        fields = {"trusted_by": by, "reason": reason.strip()[:200]}
        one, is_new = cls.objects.get_or_create(member=member, defaults=fields)
        if is_new:
            Audit.record(by, AuditVerb.TRUST, member, reason)
        return one

    @classmethod
    @transaction.atomic
    def distrust(cls, member: Member, by: Member, reason: str) -> None:
        """From now on every change of theirs is read again. Saying it twice is written down once."""
        if not by.is_steward or not reason.strip():
            raise ValidationError(_("Only a steward may do this, and must say why."))
        if cls.objects.filter(member=member).delete()[0]:
            Audit.record(by, AuditVerb.DISTRUST, member, reason)


class ModeratedPage(EntryPage):
    """A page that somebody reads before all others do, each time its author changes more than a little."""

    class Meta:
        abstract = True

    @property
    def working(self) -> Any:
        """The newest wording, which its author works on; readers may see an older one."""
        return self.get_latest_revision_as_object()

    @property
    def sent(self) -> Any:
        """The wording that was sent last: what its author has taken back and writes since is nobody else's."""
        step = self.review.current_task_state if self.review else None
        return step.revision.as_object() if step and step.revision else self

    @property
    def accepted(self) -> Any:
        """The newest published wording that somebody else than its author has read or written; None where none is.

        What a trusted author has changed since without being read counts against this one, all changes together.
        """
        public = PageLogEntry.objects.filter(page=self.pk, action="wagtail.publish").values("revision")
        passed = TaskState.objects.filter(status=TaskState.STATUS_APPROVED, revision=OuterRef("pk"))
        read = self.revisions.filter(pk__in=public).filter(~Q(user=self.author_id) | Exists(passed))
        newest = read.order_by("-created_at", "-pk").first()
        return newest.as_object() if newest else None

    @cached_property
    def review(self) -> WorkflowState | None:
        """How the last reading stands or ended; None where nobody was asked to read it yet."""
        return reviews_of([self]).get(self.pk)

    @property
    def state(self) -> StoryState:
        """Where the newest wording stands on its way to the readers."""
        return state_of(self, self.review)

    @property
    def answer(self) -> str:
        """What the reader asks for, or why it was not taken; empty where nothing was said."""
        step = self.review.current_task_state if self.review else None
        return step.comment if step and self.state in {StoryState.NEEDS_WORK, StoryState.REFUSED} else ""

    def held(self) -> Any:
        """This page as it stands now, while nobody else changes it."""
        return type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)

    # Verbs of whoever reads it

    @transaction.atomic
    def accept(self, by: Member, revision: str) -> None:
        """Let everybody read it. Said twice by the same reader, it is done once."""
        if step := self._step(by, revision, TaskState.STATUS_APPROVED):
            step.task.specific.on_action(step.specific, by, "approve")

    @transaction.atomic
    def ask_for_more(self, by: Member, revision: str, reason: str) -> None:
        """Give it back to its author, and say what is missing."""
        if step := self._step(by, revision, TaskState.STATUS_REJECTED, reason):
            step.task.specific.on_action(step.specific, by, "reject", comment=reason.strip())

    @transaction.atomic
    def refuse(self, by: Member, revision: str, reason: str) -> None:
        """Say no, and why; a published story stays as it is."""
        if step := self._step(by, revision, TaskState.STATUS_REJECTED, reason):
            step.specific.reject(user=by, comment=reason.strip())
            WorkflowState.objects.get(pk=step.workflow_state_id).cancel(user=by)
            if self.author:
                Notice.send(self.author, NoticeKind.STORY_REFUSED, self.my_url)

    def _step(self, by: Member, revision: str, status: str, reason: str | None = None) -> TaskState | None:
        """The reading that waits for this answer; None where the same reader has given it already."""
        story = self.held()
        if not Review.may_decide(by, story.author_id):
            raise ValidationError(_("Another steward must read this one."))
        if reason is not None and not reason.strip():
            raise ValidationError(_("Say why, so that they know what to do."))
        step = story.review.current_task_state if story.review else None
        if step and story.state != StoryState.WAITING and step.status == status and step.finished_by_id == by.pk:
            return None
        if step is None or story.state != StoryState.WAITING:
            raise ValidationError(_("Nothing waits here any more. Its author or another steward was quicker."))
        if str(story.latest_revision_id) != revision:
            raise ValidationError(_("It was changed since you opened it. Read it again, please, and answer then."))
        return step

    @property
    def my_url(self) -> str:
        """Where its author sees how it stands."""
        return reverse("library:my_story", args=[self.pk])

    @property
    def review_url(self) -> str:
        """Where a steward reads it."""
        return reverse("library_steward:review", args=[self.pk])


def reviews_of(stories: Iterable[Any]) -> dict[int, WorkflowState]:
    """For each story its last reading, in one query for all."""
    keys = [str(story.pk) for story in stories]
    kind = ContentType.objects.get_for_model(Page)
    rows = WorkflowState.objects.filter(base_content_type=kind, object_id__in=keys)
    rows = rows.select_related("current_task_state__finished_by").order_by("created_at", "pk")
    return {int(row.object_id): row for row in rows}
