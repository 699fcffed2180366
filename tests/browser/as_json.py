"""What a script in the page gives, brought over as one text."""

import json

# JSON knows no such numbers; they come as words, which float() takes.
_TEXT = """(...given) => JSON.stringify(({script})(...given), (key, value) =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value)"""


def as_json(where, script, *argument):
    """What ``where.evaluate(script, argument)`` gives, for plain data: Playwright packs every number by itself.

    Args:
        where: a Playwright page or locator.
        script: a function in JavaScript, without a promise.
        argument: at most one, of the function.
    """
    return json.loads(where.evaluate(_TEXT.replace("{script}", script), *argument))
