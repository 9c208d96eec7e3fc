"""What questions hold on a person comes out whole, and goes with them."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from community.members.models import Member
from community.questions import privacy
from community.questions.models import Answer, Question, Routed
from tests.factories import AnswerFactory, QuestionFactory

pytestmark = pytest.mark.django_db


def test_it_gives_out_all_of_mine_and_nobody_elses(member: Member, stranger: Member) -> None:
    QuestionFactory(member=member, title="MARK-title of mine", text="MARK-text").withdraw()
    asked = QuestionFactory(member=stranger, text="SECRET-text")
    AnswerFactory(question=asked, member=member, text="MARK-answer")
    AnswerFactory(question=asked, member=stranger, text="SECRET-answer")
    Routed.objects.create(question=asked, member=member)
    found = privacy.export(member)
    text = json.dumps(found, cls=DjangoJSONEncoder)
    assert all(mark in text for mark in ("MARK-title", "MARK-text", "MARK-answer", "withdrawn"))
    assert "SECRET" not in text and len(found["questions_passed_on_to_you"]) == 1


def test_it_forgets_all_words_and_keeps_those_of_others(member: Member, stranger: Member) -> None:
    alone = QuestionFactory(member=member)
    answered = QuestionFactory(member=member, title="MARK-title of mine", text="MARK-text")
    theirs = AnswerFactory(question=answered, member=stranger)
    given = AnswerFactory(question=QuestionFactory(member=stranger), member=member)
    given.question.accept(stranger, given)
    Routed.objects.create(question=given.question, member=member)
    privacy.erase(member)
    assert not Question.objects.filter(pk=alone.pk).exists()
    left = Question.objects.get(pk=answered.pk)
    assert left.member is None and "MARK" not in left.title + left.text and left.answers.get() == theirs
    assert not Answer.objects.filter(pk=given.pk).exists() and not Routed.objects.exists()
    assert Question.objects.get(pk=given.question_id).accepted is None
