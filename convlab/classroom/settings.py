"""What the class service is told by its environment: by JupyterHub, and by whoever runs the class."""

from dataclasses import dataclass
from urllib.parse import urlparse

CACHE_S = 300  # JupyterHub's own default


@dataclass(frozen=True)
class Settings:
    """How one class service runs.

    Args:
        database: a SQLAlchemy URL.
        host: the address to listen on.
        port: the port to listen on.
        prefix: the path that the proxy hands on, with a slash at both ends.
        cache_s: seconds for which JupyterHub's answer about somebody is believed, and so the longest time that
            somebody who was removed from the class can go on.
    """

    database: str = "sqlite:///convlab-class.sqlite"
    host: str = "127.0.0.1"
    port: int = 10180
    prefix: str = "/services/convlab/"
    cache_s: int = CACHE_S

    @classmethod
    def of(cls, environ):
        """The settings in these variables.

        Args:
            environ: a mapping such as ``os.environ``.

        Raises:
            ValueError: a variable cannot be used.

        Example:
            >>> Settings.of({"JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8181"}).port
            8181
        """
        url = urlparse(environ.get("JUPYTERHUB_SERVICE_URL") or f"http://{cls.host}:{cls.port}")
        prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX") or cls.prefix
        seconds = environ.get("CONVLAB_CLASS_CACHE_S") or str(CACHE_S)
        if not seconds.isdigit():
            raise ValueError(f"CONVLAB_CLASS_CACHE_S must be whole seconds; got {seconds!r:.40}: set it to 2.")
        try:
            host, port = url.hostname or cls.host, url.port or cls.port
        except ValueError:
            came = f"{url.geturl()!r:.80}"
            raise ValueError(f"JUPYTERHUB_SERVICE_URL must be a URL with a port; got {came}: add one.") from None
        return cls(
            database=environ.get("CONVLAB_CLASS_DB") or cls.database,
            host=host,
            port=port,
            prefix=f"/{prefix.strip('/')}/" if prefix.strip("/") else "/",
            cache_s=int(seconds),
        )
