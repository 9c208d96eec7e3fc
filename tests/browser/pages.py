"""Every type of page, and who looks at it. `{words}` in an address are filled in from the site's own places."""

from typing import NamedTuple

LEARNER, MENTOR, STEWARD = "learner@example.org", "mentor@example.org", "steward@example.org"
NEWCOMER, YOUNG = "newcomer@example.org", "young@example.org"


class Kind(NamedTuple):
    """One type of page: its name, its address, and who is signed in."""

    name: str
    path: str
    who: str | None = None


PUBLIC = [
    Kind("front", "/"),
    Kind("stories", "/stories/"),
    Kind("story that worked", "{success}"),
    Kind("story that worked in part", "{mixed}"),
    Kind("story that failed", "{failure}"),
    Kind("no stories", "/stories/?q=zzzzzz"),
    Kind("questions", "/questions/"),
    Kind("no question fits", "/questions/?q=zzzzzz"),
    Kind("question", "{question}"),
    Kind("story with questions", "{asked_on}"),
    Kind("questions on a page", "{questions_on}"),
    Kind("gatherings", "/gatherings/"),
    Kind("gathering", "{gathering}"),
    Kind("openings", "/openings/"),
    Kind("opening", "{opening}"),
    Kind("about", "/about/"),
    Kind("help", "/help/"),
    Kind("privacy", "/privacy/"),
    Kind("rules", "/rules/"),
    Kind("login", "/accounts/login/"),
    Kind("signup", "/accounts/signup/"),
    Kind("password reset", "/accounts/password/reset/"),
    Kind("report signed out", "/report/?url=/stories/"),
    Kind("not found", "/nothing-is-here/"),
]
OWN = [
    Kind("front signed in", "/", LEARNER),
    Kind("ask a question", "{questions_on}ask/", LEARNER),
    Kind("ask a question under 18", "{questions_on}ask/", YOUNG),
    Kind("I need this too", "{questions_on}need/", LEARNER),
    Kind("my question", "{my_question}", LEARNER),
    Kind("change my question", "{my_question}edit/", LEARNER),
    Kind("take my question back", "{my_question}withdraw/", LEARNER),
    Kind("answer a question", "{question}answer/", LEARNER),
    Kind("question for a steward", "{question}", STEWARD),
    Kind("take a question away", "{question}judge/", STEWARD),
    Kind("gathering with a seat", "{my_gathering}", LEARNER),
    Kind("enrol", "{gathering}enrol/", LEARNER),
    Kind("give the seat back", "{my_gathering}cancel/", LEARNER),
    Kind("opening signed in", "{opening}", LEARNER),
    Kind("apply", "{opening}apply/", LEARNER),
    Kind("apply under 18", "{opening}apply/", YOUNG),
    Kind("applications", "{opening}applications/", MENTOR),
    Kind("people", "/people/", LEARNER),
    Kind("nobody found", "/people/?q=zzzzzz", LEARNER),
    Kind("profile", "/people/wilf-harker/", LEARNER),
    Kind("matches", "/matches/", LEARNER),
    Kind("no matches", "/matches/", NEWCOMER),
    Kind("mentors for me", "/matches/mentor/", LEARNER),
    Kind("dismissed", "/matches/dismissed/", LEARNER),
    Kind("what matching uses", "/matches/data/", LEARNER),
    Kind("why not suggested", "/matches/why/wilf-harker/", LEARNER),
    Kind("rounds", "/matches/rounds/", LEARNER),
    Kind("connections", "/connections/", LEARNER),
    Kind("no connections", "/connections/", NEWCOMER),
    Kind("connection", "{connection}", LEARNER),
    Kind("new connection", "/connections/new/wilf-harker/", LEARNER),
    Kind("notices", "/notices/", MENTOR),
    Kind("no notices", "/notices/", NEWCOMER),
    Kind("me", "/me/", LEARNER),
    Kind("me, just come", "/me/", NEWCOMER),
    Kind("me under 18", "/me/", YOUNG),
    Kind("who I am", "/me/about/", LEARNER),
    Kind("where I am", "/me/place/", LEARNER),
    Kind("what I allow", "/me/allow/", LEARNER),
    Kind("what nobody sees", "/me/wishes/", LEARNER),
    Kind("my lines", "/me/lines/", LEARNER),
    Kind("new line", "/me/lines/new/", LEARNER),
    Kind("blocks", "/me/blocks/", LEARNER),
    Kind("my data", "/me/privacy/", LEARNER),
    Kind("export", "/me/export/", LEARNER),
    Kind("erase", "/me/erase/", LEARNER),
    Kind("help somebody", "/me/people/new/", LEARNER),
    Kind("report", "/report/?url=/people/wilf-harker/", LEARNER),
    Kind("e-mail", "/accounts/email/", LEARNER),
    Kind("password", "/accounts/password/change/", LEARNER),
    Kind("second factor", "/accounts/2fa/", LEARNER),
    Kind("desk", "/steward/", STEWARD),
    Kind("how the matching weighs", "/steward/matching/", STEWARD),
    Kind("desk: rounds", "/steward/rounds/", STEWARD),
    Kind("desk: people", "/steward/people/", STEWARD),
    Kind("desk: person", "/steward/people/wilf-harker/", STEWARD),
]
EVERY = PUBLIC + OWN
