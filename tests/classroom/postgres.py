"""A PostgreSQL of the tests' own, in a folder, from the Debian package or whatever is on PATH."""

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from tests.browser.lab import free_port

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


def program(name):
    """The path of one of PostgreSQL's programs.

    Raises:
        RuntimeError: it is not installed.
    """
    places = [shutil.which(name), *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)]
    found = next((str(place) for place in places if place), None)
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} was not found: install the package postgresql")
    return found


@contextmanager
def postgres(folder):
    """The SQLAlchemy URL of an empty database, on a server that lives as long as the block.

    Args:
        folder: where the server's own folder is made.
    """
    data, port = Path(folder) / "postgres", free_port()
    data.mkdir()
    root = os.geteuid() == 0
    if root:
        account = pwd.getpwnam(ACCOUNT)
        os.chown(data, account.pw_uid, account.pw_gid)
        for above in data.parents:  # pytest's folders are closed to others
            if above.stat().st_uid == 0 and not above.stat().st_mode & 0o001:
                above.chmod(above.stat().st_mode | 0o011)
    become = ["runuser", "-u", ACCOUNT, "--"] if root else []

    def run(name, *arguments):
        subprocess.run([*become, program(name), *arguments], check=True, capture_output=True, cwd="/")

    run("initdb", "-D", str(data), "--auth=trust", "--username=convlab", "--encoding=UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    run("pg_ctl", "-D", str(data), "-l", str(data / "log"), "-o", options, "-w", "start")
    try:
        yield f"postgresql+psycopg://convlab@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
