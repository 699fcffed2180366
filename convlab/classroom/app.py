"""Which address is answered by what."""

import secrets

from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.web import Application

from . import kernel


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
        ],
        cookie_secret=secrets.token_bytes(
            32
        ),  # cookies end with the service; whoever was in is let in again by the hub
        xsrf_cookies=True,
    )
