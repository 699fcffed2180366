"""Somebody at a browser: logged in at the hub, and what his pages complained of."""

from contextlib import contextmanager
from types import SimpleNamespace

from tests.browser.audit import axe

# What the hub's own pages ask for and do not find; and the answers that these tests provoke.
EXPECTED = ("favicon", "status of 403", "status of 409")


@contextmanager
def somebody(chromium, hub, name, who="learners", **context):
    """A page of somebody who is logged in; at its end nothing went wrong and no stranger was asked.

    Args:
        chromium: the browser.
        hub: the `Hub`.
        name: under which to log in.
        who: "learners" or "instructors", whose password is used.
        context: more for the browser's context, such as ``color_scheme="dark"``.
    """
    opened = chromium.new_context(**{"viewport": {"width": 1400, "height": 900}, **context})
    page = opened.new_page()
    page.set_default_timeout(60_000)
    problems = []
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("dialog", lambda dialog: problems.append(f"a dialog: {dialog.message}"))
    page.on(
        "request", lambda it: problems.append(it.url) if not it.url.startswith((hub.url, "blob:", "data:")) else None
    )
    page.goto(f"{hub.url}/hub/login?next=%2Fhub%2Fhome")
    page.fill("#username_input", name)
    page.fill("#password_input", hub.password(who))
    page.click("#login_submit")
    page.wait_for_url("**/hub/home")
    yield page
    opened.close()
    strange = [it for it in problems if not any(words in it for words in EXPECTED)]
    assert not strange, strange


def fetched(page, path, method="GET", headers=None):
    """The status of a fetch that the page itself makes, with the cookies of who is logged in."""
    ask = "([url, method, headers]) => fetch(url, { method, headers, redirect: 'manual' }).then((it) => it.status)"
    return page.evaluate(ask, [path, method, headers or {}])


def axe_finds(page):
    """What axe-core finds on the whole page, a line each."""
    return axe(SimpleNamespace(page=page), page.locator("html"))
