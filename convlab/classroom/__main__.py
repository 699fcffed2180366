"""``python3 -m convlab.classroom``: the class service, started by JupyterHub."""

import asyncio
import logging
import os
import signal
import sys

from convlab.classroom.app import application
from convlab.classroom.kernel import READ_BYTES
from convlab.classroom.service import Service
from convlab.classroom.settings import Settings


async def serve(settings):
    """Answers until the hub, or whoever started it, says stop.

    Args:
        settings: the `Settings`.
    """
    service = Service(settings)
    server = application(service).listen(settings.port, settings.host, max_body_size=READ_BYTES)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    service.log.info("the class service listens on %s:%s%s", settings.host, settings.port, settings.prefix)
    await stop.wait()
    server.stop()
    await server.close_all_connections()
    service.close()


def main():
    """The exit status."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("tornado.access").setLevel(logging.WARNING)
    try:
        settings = Settings.of(os.environ)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    asyncio.run(serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
