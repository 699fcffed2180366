"""A PostgreSQL of the tests' own, in a folder, from the Debian package or whatever is on PATH."""

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

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
def postgres():
    """The SQLAlchemy URL of an empty database, on a server of its own that lives as long as the block."""
    root = os.geteuid() == 0
    become = ["runuser", "-u", ACCOUNT, "--"] if root else []
    with TemporaryDirectory(prefix="convlab-postgres-") as folder:
        if root:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)

        def run(name, *arguments):
            done = subprocess.run([*become, program(name), *arguments], capture_output=True, text=True, cwd="/")
            if done.returncode:
                raise RuntimeError(f"{name} failed: {done.stdout}{done.stderr}")

        data, port = f"{folder}/data", free_port()
        run("initdb", "-D", data, "--auth=trust", "--username=convlab", "--encoding=UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        run("pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://convlab@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "fast", "stop")
