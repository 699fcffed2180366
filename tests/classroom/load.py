"""A class that answers: many learners at once, each every few seconds, and what became of each answer."""

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field

import aiohttp

from convlab import questions
from convlab.attempt import raw
from convlab.classroom.records import now
from tests.classroom.hub import claim

ONE_ANSWER_S = 30  # a client's patience here: what is slower is counted, not cut off


@dataclass
class Outcome:
    """What became of a class's answers.

    Args:
        acknowledged: the ids that the class said it keeps.
        seconds: how long each acknowledgement took.
        failed: how many requests were not acknowledged, by what came instead.
    """

    acknowledged: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)

    def share_within(self, seconds):
        """The share of all requests that were acknowledged within these seconds, 0 to 1."""
        asked = len(self.seconds) + sum(self.failed.values())
        return sum(it <= seconds for it in self.seconds) / asked if asked else 0.0

    def percentile(self, share):
        """The seconds within which this share of the acknowledged was acknowledged."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def answers(count, rng):
    """Claims to choose from: right ones and wrong ones, of all lessons."""
    made = []
    for _ in range(count):
        question = questions.make(rng.choice(questions.ids()), rng.randrange(1, 10**6))
        response = rng.choice([question.answer, *(slip.answer for slip in question.slips)])
        claimed = {"kind": question.kind, "revision": question.revision, "context": "quiz"}
        made.append(claim(question.id, "right", response, question.seed, **claimed))
    assert all(it["answer"] != raw(None) for it in made)
    return made


async def answering(service, tokens, *, seconds, every, seed=0):
    """The `Outcome` of a class in which each learner answers every so many seconds.

    Args:
        service: the URL of the class.
        tokens: one for each learner.
        seconds: how long.
        every: the seconds between two answers of one learner.
        seed: what is answered.
    """
    rng, outcome = random.Random(seed), Outcome()
    claims = answers(300, rng)
    end = time.monotonic() + seconds
    patience = aiohttp.ClientTimeout(total=ONE_ANSWER_S)
    async with aiohttp.ClientSession(timeout=patience, connector=aiohttp.TCPConnector(limit=0)) as session:
        learners = (
            _learner(session, service, token, claims, outcome, end, every, random.Random(f"{seed} {token}"))
            for token in tokens
        )
        await asyncio.gather(*learners)
    return outcome


async def _learner(session, service, token, claims, outcome, end, every, rng):
    await asyncio.sleep(rng.uniform(0, every))
    while time.monotonic() < end:
        begun = time.monotonic()
        sent = {**rng.choice(claims), "id": str(uuid.uuid4()), "at": now()}
        await _send(session, service, token, sent, outcome)
        await asyncio.sleep(max(0, begun + every - time.monotonic()))


async def _send(session, service, token, sent, outcome):
    begun = time.monotonic()
    headers = {"Authorization": f"token {token}"}
    try:
        async with session.post(f"{service}api/attempts", json={"attempts": [sent]}, headers=headers) as answer:
            said = await answer.json() if answer.status in (200, 201) else {}
            word = str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        said, word = {}, type(error).__name__
    if sent["id"] in said.get("accepted", ()):
        outcome.acknowledged.add(sent["id"])
        outcome.seconds.append(time.monotonic() - begun)
    else:
        outcome.failed[word] = outcome.failed.get(word, 0) + 1
