"""A class that answers: many learners at once, each every few seconds, and what became of each answer."""

import asyncio
import json
import random
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from convlab import questions
from convlab.attempt import raw
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


def requests(service, tokens, count, rng):
    """For each learner so many answers to send: (id of the answer, the bytes of its request).

    All of it is made beforehand, so that who answers takes little of the machine that the class runs on. Each request
    is a connection of its own, as a kernel's outbox makes it.
    """
    where, claims = urlsplit(service), [json.dumps(it) for it in answers(300, rng)]
    old = [json.loads(text)["id"] for text in claims]

    def one(head):
        chosen, id = rng.randrange(len(claims)), str(uuid.uuid4())
        body = f'{{"attempts": [{claims[chosen].replace(old[chosen], id)}]}}'.encode()
        return id, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    heads = [
        f"POST {where.path}api/attempts HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: token {token}\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n"
        for token in tokens
    ]
    return [[one(head) for _ in range(count)] for head in heads]


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
    where = urlsplit(service)
    prepared = requests(service, tokens, max(1, round(seconds / every)), rng)
    begun = time.monotonic()
    learners = (
        _learner((where.hostname, where.port), mine, outcome, begun + rng.uniform(0, every), every) for mine in prepared
    )
    await asyncio.gather(*learners)
    return outcome


async def _learner(address, mine, outcome, first, every):
    for number, (id, request) in enumerate(mine):
        await asyncio.sleep(max(0, first + number * every - time.monotonic()))
        await _send(address, id, request, outcome)


async def _send(address, id, request, outcome):
    begun = time.monotonic()
    try:
        async with asyncio.timeout(ONE_ANSWER_S):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(request)
            answer = await reader.read()
            writer.close()
        words = answer.split(b" ", 2)
        word = words[1].decode() if len(words) == 3 else "no answer"
    except (OSError, TimeoutError) as error:
        answer, word = b"", type(error).__name__
    if word in ("200", "201") and f'"accepted": ["{id}"]'.encode() in answer:
        outcome.acknowledged.add(id)
        outcome.seconds.append(time.monotonic() - begun)
    else:
        outcome.failed[word] = outcome.failed.get(word, 0) + 1
