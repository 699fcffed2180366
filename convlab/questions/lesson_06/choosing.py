"""Lesson 06, lines and claims to tick: of each matter one version is drawn, so that no pattern tells the answer."""

from convlab.questions.cases import drawn, shuffled
from convlab.questions.lesson_03.drawing import ticked


def one_of_each(rng, matters):
    """One version of each matter, some of them true and some not.

    Args:
        matters: for each a list of versions (text, holds, the mistake behind being wrong about it, why).
    """

    def mixed(versions):
        return 0 < sum(holds for _, holds, _, _ in versions) < len(versions)

    return drawn(lambda: [rng.choice(versions) for versions in matters], mixed)


def to_tick(rng, matters):
    """The fields of a question with many choices: options, answer, slips and what each option means."""
    versions = {text: (holds, id, why) for text, holds, id, why in one_of_each(rng, matters)}
    options = shuffled(rng, list(versions))
    answer = [text for text in options if versions[text][0]]
    slips, per_option = ticked(options, answer, {text: (id, why) for text, (_, id, why) in versions.items()})
    return {"options": options, "answer": answer, "slips": slips, "per_option": per_option}
