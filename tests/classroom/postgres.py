"""A PostgreSQL of the tests' own, in a folder, from the Debian package or whatever is on PATH."""

import os
import pwd
import subprocess
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from convlab.bootstrap.tools import find_postgres
from tests.browser.lab import free_port

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


@contextmanager
def postgres():
    """The SQLAlchemy URL of an empty database, on a server of its own that lives as long as the block."""
    root = os.geteuid() == 0
    become = {"user": ACCOUNT, "group": pwd.getpwnam(ACCOUNT).pw_gid, "extra_groups": []} if root else {}
    with TemporaryDirectory(prefix="convlab-postgres-") as folder:
        if root:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)

        def run(name, *arguments):
            done = subprocess.run(
                [str(find_postgres() / name), *arguments], capture_output=True, text=True, cwd="/", **become
            )
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
