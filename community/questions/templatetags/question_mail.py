"""What a mail about a question says of it, read from its row at the moment of sending."""

import re
from typing import Any

from django import template

from community.questions.models import Question

register = template.Library()
ADDRESS = re.compile(r"^/questions/(\d{1,18})/")


@register.simple_tag
def question_of(notice: Any) -> Question | None:
    """The question that a notice is about, for its mail, where all who read it find it; None on the site."""

    def questions(notices: list[Any]) -> dict[int, Question]:
        keys = {int(named[1]) for one in notices if (named := ADDRESS.match(one.url))}
        shown = Question.objects.open().filter(pk__in=keys).select_related("page")
        for reader in notice.readers:
            shown = shown.visible_to(reader)
        return {question.pk: question for question in shown}

    found = ADDRESS.match(notice.url) if notice.is_mail else None
    return notice.about(("questions", notice.member_id), questions).get(int(found[1])) if found else None
