"""Which address is answered by what."""

import secrets

from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.web import Application, StaticFileHandler

from . import kernel, pages


def application(service):
    """The tornado application of a class.

    Args:
        service: the `Service`.
    """
    here = service.settings.prefix
    told = {"service": service}

    class Callback(HubOAuthCallbackHandler):
        """The end of a login."""

        _hub_auth = service.page_auth

    return Application(
        [
            (f"{here}api/attempts", kernel.Attempts, told),
            (f"{here}api/me", kernel.Me, told),
            (f"{here}health", kernel.Health),
            (f"{here}oauth_callback", Callback),
            (here, pages.Home, told),
            (f"{here}mine.json", pages.Mine, told),
            (f"{here}erase", pages.Erase, told),
            (f"{here}board", pages.BoardPage, told),
            (f"{here}api/class", pages.Class, told),
            (f"{here}api/class\\.(csv|jsonl|xapi)", pages.Export, told),
            (f"{here}poll", pages.PollPage, told),
            (f"{here}api/poll", pages.Poll, told),
            (f"{here}api/poll/conduct", pages.Conduct, told),
            (f"{here}static/(.*)", StaticFileHandler, {"path": str(pages.STATIC)}),
        ],
        cookie_secret=secrets.token_bytes(
            32
        ),  # cookies end with the service; whoever was in is let in again by the hub
        xsrf_cookies=True,
    )
