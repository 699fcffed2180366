"""What notebooks send: answers to keep, and a learner's own data to read and to erase.

A kernel shows the token of its own server in a header. It has no cookies and none are looked at, so a page that a
learner opens beside it cannot send anything in his name; and since there is no cookie, there is no forgery that an
XSRF check would stop.
"""

import asyncio
import json

from jupyterhub.services.auth import HubAuthenticated
from tornado.web import HTTPError, RequestHandler, authenticated

from .grading import Refused, judged
from .rows import row_of

BODY_BYTES = 64 * 1024
# What is read of a request: more than may be sent, for who hangs up before all has come breaks the pipe, and the proxy
# then says 503 in place of the refusal. Nobody sends so much by mistake.
READ_BYTES = 16 * BODY_BYTES
BATCH = 50
# What is answered where nothing of a batch was taken: the first reason decides.
STATUS = {"known": 200, "taken": 409, "refused": 422}


class KernelHandler(HubAuthenticated, RequestHandler):
    """A request from a kernel; `person` is the name of who it belongs to.

    Args:
        service: the `Service`.
    """

    def initialize(self, service):
        self.service, self.hub_auth = service, service.kernel_auth

    def check_xsrf_cookie(self):
        """Nothing to check: see above."""

    async def prepare(self):
        """Who is it? The hub is asked without holding up the others.

        Raises:
            HTTPError: 403 nobody of this class, 413 a body that is too long.
        """
        await self.hub_auth.get_user(self, sync=False)
        if not self.current_user or self.current_user["kind"] != "user":
            raise HTTPError(403, reason="Not of this class")
        if len(self.request.body) > BODY_BYTES:
            raise HTTPError(413)

    @property
    def person(self):
        return self.current_user["name"]

    def write_error(self, status_code, **details):
        """The status and a sentence."""
        said = {
            403: "the class does not know this token: ask your instructor to add you to the class",
            413: f"a request may have {BODY_BYTES // 1024} KiB: send fewer attempts at once",
            503: "the class cannot write at this moment: send it again later",
        }
        error = details.get("exc_info", (None, None))[1]
        self.finish({"message": getattr(error, "log_message", None) or said.get(status_code, self._reason)})


class Attempts(KernelHandler):
    """POST: up to fifty attempts, each judged again and kept once."""

    @authenticated
    async def post(self):
        """201 with the ids that are kept and those that are not, each with the reason; nothing new: 200, 409 or 422."""
        accepted, rejected, rows = [], [], []
        for claim in self._claims():
            try:
                rows.append(row_of(judged(claim), self.person))
            except Refused as refusal:
                id = claim.get("id") if isinstance(claim, dict) else None
                rejected.append({"id": id if isinstance(id, str) else None, "why": "refused", "message": f"{refusal}"})
        fates = await self._kept(rows) if rows else []
        for row, fate in zip(rows, fates, strict=True):
            if fate == "taken":
                message = "another attempt has this id: an attempt that was sent is not changed"
                rejected.append({"id": row["id"], "why": fate, "message": message})
            else:
                accepted.append(row["id"])
        self.set_status(self._status(fates, rejected))
        self.finish({"accepted": accepted, "rejected": rejected})

    def _claims(self):
        try:
            body = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise HTTPError(400, "the body must be JSON") from None
        if not isinstance(body, dict) or set(body) != {"attempts"} or not isinstance(body["attempts"], list):
            raise HTTPError(400, 'the body must be {"attempts": [...]} and nothing else')
        if not 1 <= len(body["attempts"]) <= BATCH:
            raise HTTPError(400, f"1 to {BATCH} attempts can be sent at once; got {len(body['attempts'])}")
        return body["attempts"]

    async def _kept(self, rows):
        try:
            return await asyncio.wrap_future(self.service.writer.keep(rows))
        except Exception as error:
            self.service.log.error("nothing could be written: %s", error)
            raise HTTPError(503) from None

    @staticmethod
    def _status(fates, rejected):
        if "new" in fates:
            return 201
        return STATUS[rejected[0]["why"]] if rejected and "known" not in fates else 200


class Me(KernelHandler):
    """A learner's own attempts: GET reads them, DELETE erases them."""

    @authenticated
    async def get(self):
        """200 with all that the class keeps of who asks."""
        rows = await self.service.read(lambda records: list(records.of(self.person)))
        self.finish({"user": self.person, "attempts": rows})

    @authenticated
    async def delete(self):
        """200 with how many attempts were erased."""
        self.finish({"erased": await self.service.erase(self.person)})


class Health(RequestHandler):
    """GET: whether the service runs; asks nobody, tells nothing."""

    def get(self):
        self.finish({"status": "ok"})
