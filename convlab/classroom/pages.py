"""What a browser sees: a learner's own page, the class board, the poll; who somebody is, the hub says.

A browser comes with a cookie that the hub's login gave it, so that whatever changes something, and every fetch, has to
show the page's own token too (XSRF). Nothing that a learner typed is ever put into a page as HTML: the pages are made
here from the course's own words and from counts, templates escape, and the scripts set text, never markup.
"""

import json
from functools import cache
from itertools import islice
from pathlib import Path

from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import HTTPError, RequestHandler, authenticated

from convlab import exercises, questions
from convlab.mistakes import MISTAKES

from . import exports
from .polls import KINDS, NoPoll

READ = "custom:convlab:read"
HERE = Path(__file__).parent
TEMPLATES, STATIC = HERE / "templates", HERE / "static"
FORMS = {"csv": "text/csv", "jsonl": "application/x-ndjson", "xapi": "application/x-ndjson"}
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"


class Page(HubOAuthenticated, RequestHandler):
    """A page for somebody of the class; `person` is his name.

    Args:
        service: the `Service`.
    """

    def initialize(self, service):
        self.service, self.hub_auth = service, service.page_auth

    def set_default_headers(self):
        """What a browser must not do with these pages."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    async def prepare(self):
        """Who is it? The hub is asked without holding up the others."""
        await self.hub_auth.get_user(self, sync=False)

    @property
    def person(self):
        return self.current_user["name"]

    @property
    def teaches(self):
        """Whether who asks may read the class."""
        return bool(self.hub_auth.check_scopes({READ}, self.current_user))

    def get_template_path(self):
        """Where the templates lie."""
        return str(TEMPLATES)

    def get_template_namespace(self):
        """What every template knows."""
        return super().get_template_namespace() | {"prefix": self.service.settings.prefix}

    def write_error(self, status_code, **details):
        """A page with the status and what to do."""
        said = {
            403: "You are not in this class, or this page is for its instructors. Ask your instructor to add you to "
            "the class; if you were added a moment ago, log out of the hub and in again.",
            404: "There is no such page in the class.",
        }
        error = details.get("exc_info", (None, None))[1]
        message = getattr(error, "log_message", None) if status_code not in said else None
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        message = message or said.get(status_code, self._reason)
        self.finish(self.render_string("error.html", status=status_code, message=message))


class Data(Page):
    """Something that a page fetches: JSON, and a status in place of a login."""

    def get_login_url(self):
        """Nothing: a fetch cannot log in.

        Raises:
            HTTPError: 403.
        """
        raise HTTPError(403)

    def write_error(self, status_code, **details):
        """The status and a sentence."""
        error = details.get("exc_info", (None, None))[1]
        self.finish({"message": getattr(error, "log_message", None) or self._reason})

    def body(self):
        """The request's JSON object.

        Raises:
            HTTPError: 400 it is none.
        """
        try:
            body = json.loads(self.request.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise HTTPError(400, "the body must be a JSON object")
        return body


class Home(Page):
    """A learner's own page; an instructor is sent on to the board."""

    @authenticated
    async def get(self):
        """200 with what the class keeps of who asks."""
        if self.teaches and not self.get_argument("mine", ""):
            self.redirect(f"{self.service.settings.prefix}board")
            return
        rows = await self.service.read(lambda records: list(records.of(self.person)))
        self.render("home.html", person=self.person, rows=rows, named=named, titles=item_title)


class Mine(Page):
    """A learner's own attempts as a file."""

    @authenticated
    async def get(self):
        """200 with all of them as JSON."""
        rows = await self.service.read(lambda records: list(records.of(self.person)))
        self.set_header("Content-Disposition", 'attachment; filename="convlab-class.json"')
        self.finish({"user": self.person, "attempts": rows})


class Erase(Page):
    """What becomes of a learner's data when he says so."""

    @authenticated
    async def post(self):
        """Erases all that the class keeps of who asks, and goes back to his page."""
        await self.service.erase(self.person)
        self.redirect(f"{self.service.settings.prefix}?mine=1")


class ForInstructors:
    """Who may read the class; nobody else comes in."""

    hub_scopes = frozenset({READ})


class BoardPage(ForInstructors, Page):
    """The class board."""

    @authenticated
    def get(self):
        """200 with the page, which fetches the counts every few seconds."""
        self.render("board.html", person=self.person, items=pollable())


class Class(ForInstructors, Data):
    """GET: the counts of the class, ``since`` an ISO time."""

    @authenticated
    async def get(self):
        """200 with the items and the learners; without names where ``names=0``."""
        items, learners = await self.service.standing(self.get_argument("since", ""))
        for item in items:
            item["title"] = item_title(item["item"])
            item["mistakes"] = [[id, named(id), count] for id, count in item["mistakes"]]
        if self.get_argument("names", "1") == "0":
            learners = [{**learner, "user": ""} for learner in learners]
        for learner in learners:
            learner["stuck"] = [item_title(item) for item in learner["stuck"]]
        self.finish({"items": items, "learners": learners})


class Export(ForInstructors, Page):
    """GET: the attempts of the class as a file."""

    @authenticated
    async def get(self, form):
        """200 with the file, written as it is read.

        Args:
            form: csv, jsonl or xapi.
        """
        since = self.get_argument("since", "")
        self.set_header("Content-Type", f"{FORMS[form]}; charset=UTF-8")
        self.set_header("Content-Disposition", f'attachment; filename="convlab-class.{form}"')
        home = f"{self.request.protocol}://{self.request.host}{self.service.settings.prefix}"
        make = {"csv": exports.csv_lines, "jsonl": exports.json_lines}
        lines = make.get(form, lambda rows: exports.statements(rows, home))
        pieces = iter(lines(self.service.records.since(since)))
        while piece := await self.service.read(lambda _: "".join(islice(pieces, 500))):
            self.write(piece)
            await self.flush()


class PollPage(Page):
    """The poll, for who answers and for who shows it."""

    @authenticated
    def get(self):
        """200 with the page, which fetches the poll every few seconds."""
        self.render("poll.html", person=self.person, teaches=self.teaches)


class Poll(Data):
    """GET: the poll as it stands. POST: a vote."""

    @authenticated
    async def get(self):
        """200 with what who asks may see of it; an empty object before the first."""
        polls = self.service.polls
        poll = await self.service.read(lambda _: polls.current())
        self.finish(await self.service.read(lambda _: polls.page(poll, self.person)) if poll else {})

    @authenticated
    async def post(self):
        """200 where the vote is kept, 409 with a sentence where it is not."""
        poll, round, response = (self.body().get(it) for it in ("id", "round", "response"))
        await _told(self, lambda polls: polls.vote(poll, round, self.person, response))


class Conduct(ForInstructors, Data):
    """POST: opens a poll, or brings it on."""

    @authenticated
    async def post(self):
        """200 where it was done, 409 with a sentence where it cannot be."""
        body = self.body()
        if "item" in body:
            await _told(self, lambda polls: polls.open(body["item"], body.get("seed")))
        else:
            await _told(self, lambda polls: polls.move(body.get("id"), body.get("stage")))


async def _told(handler, act):
    try:
        await handler.service.read(lambda _: act(handler.service.polls))
    except NoPoll as why:
        raise HTTPError(409, str(why).replace("%", "%%")) from None
    handler.finish({"done": True})


@cache
def item_title(id):
    """What a question or an exercise is about, in a few words.

    Example:
        >>> item_title("02.conv2d"), item_title("about-macs")
        ('conv2d by loops', 'a layer of their own: macs')
    """
    if id in exercises.ids():
        return exercises.get(id).title
    if id in questions.ids():
        return questions.make(id, 1).objective
    return f"a layer of their own: {id.removeprefix('about-').replace('-', ' ')}"


def named(id):
    """What who makes this mistake thinks."""
    return MISTAKES[id].title if id in MISTAKES else id


@cache
def pollable():
    """(lesson, id, what it is about) of each question that a poll can take."""
    made = [questions.make(id, 1) for id in questions.ids()]
    return [(it.lesson, it.id, it.objective) for it in made if it.kind in KINDS]
