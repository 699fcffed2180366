"""JupyterHub for a workshop on one machine; ``python3 -m convlab workshop`` starts it.

Learners log in with a name they choose and the learners' password, instructors with a name of CONVLAB_INSTRUCTORS and
theirs; both passwords are made at the first start and kept beside the answers. All servers run as the user who started
the hub, each in a folder of its own: learners could read each other's files, and who knows the password could log in
under another's name. Among people in one room that will do; for more, see the guide's pages on The Littlest JupyterHub
and on Kubernetes, where everybody has an account.

CONVLAB_WORKSHOP           the folder for all that is kept; by default ~/convlab-workshop
CONVLAB_WORKSHOP_PORT      8000
CONVLAB_INSTRUCTORS        names with commas between them; by default "instructor"
CONVLAB_CLASS_DB           the class's database, any URL of SQLAlchemy for SQLite or PostgreSQL
"""

import os
import secrets
import shutil
import sys
from pathlib import Path

from jupyterhub.authenticators.shared import SharedPasswordAuthenticator

c = get_config()

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("CONVLAB_WORKSHOP") or Path.home() / "convlab-workshop").expanduser().resolve()
PORT = int(os.environ.get("CONVLAB_WORKSHOP_PORT") or 8000)
INSTRUCTORS = {name.strip() for name in os.environ.get("CONVLAB_INSTRUCTORS", "instructor").split(",") if name.strip()}
SERVICE = "/services/convlab/"
STATE.mkdir(parents=True, exist_ok=True, mode=0o700)


def kept(name, make):
    """A secret that is made once."""
    file = STATE / name
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(make())
    return file.read_text().strip()


learners_password = kept("password-learners", lambda: f"{secrets.randbelow(10**8):08d}")
instructors_password = kept("password-instructors", lambda: secrets.token_hex(16))
print(
    f"Learners' password: {learners_password}. Instructors ({', '.join(sorted(INSTRUCTORS))}): {instructors_password}"
)

# The hub and its proxy.
c.JupyterHub.bind_url = f"http://:{PORT}"
c.JupyterHub.hub_port = PORT + 1
c.JupyterHub.db_url = f"sqlite:///{STATE / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.JupyterHub.template_paths = [str(ROOT / "workshop" / "templates")]  # one page: how to get into the class
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.ConfigurableHTTPProxy.auth_token = kept("proxy_token", lambda: secrets.token_hex(32))
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")


# Who is who: the password says which group somebody is in.
class ByPassword(SharedPasswordAuthenticator):
    """Learners by the learners' password, instructors by their names and theirs, each in their group."""

    async def authenticate(self, handler, data):
        """Who it is, with the group; None where the password is wrong."""
        known = await super().authenticate(handler, data)
        group = "convlab-instructors" if known and known["admin"] else "convlab-students"
        return known and {**known, "groups": [group]}


c.JupyterHub.authenticator_class = ByPassword
c.Authenticator.allow_all = True
c.Authenticator.admin_users = INSTRUCTORS
c.Authenticator.manage_groups = True
c.SharedPasswordAuthenticator.user_password = learners_password
c.SharedPasswordAuthenticator.admin_password = instructors_password

# The class service, and who may do what with it.
c.JupyterHub.custom_scopes = {"custom:convlab:read": {"description": "Read the progress of the class"}}
c.JupyterHub.services = [
    {
        "name": "convlab",
        "url": f"http://127.0.0.1:{PORT + 3}",
        "command": [sys.executable, "-m", "convlab.classroom"],
        "environment": {
            "CONVLAB_CLASS_DB": os.environ.get("CONVLAB_CLASS_DB") or f"sqlite:///{STATE / 'class.sqlite'}",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        },
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": ["custom:convlab:read"],
    }
]
reach = "access:services!service=convlab"
c.JupyterHub.load_roles = [
    {"name": "convlab-student", "groups": ["convlab-students"], "scopes": [reach]},
    {"name": "convlab-instructor", "groups": ["convlab-instructors"], "scopes": [reach, "custom:convlab:read"]},
]

# A learner's server. Its token reaches the class, and never reads it, not even an instructor's: any notebook that he
# runs has that token too.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(STATE / "homes" / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
c.Spawner.default_url = "/lab/tree/notebooks/00-start.ipynb"
c.Spawner.http_timeout = c.Spawner.start_timeout = 300  # a class that starts at once shares the machine
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", reach]
c.Spawner.env_keep = ["PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV"]
c.Spawner.environment = {
    "CONVLAB_CLASS_URL": f"http://127.0.0.1:{PORT}{SERVICE}",
    "JUPYTER_CONFIG_PATH": str(ROOT / "binder"),
    # PyTorch in every kernel has a thread for each core: those that wait must not turn on the cores of the others.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def bring_the_course(spawner):
    """A learner's own copy of the notebooks; what he has changed stays."""
    own = STATE / "homes" / spawner.user.name / "notebooks"
    own.mkdir(parents=True, exist_ok=True)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        if not (own / notebook.name).exists():
            shutil.copy(notebook, own)


c.Spawner.pre_spawn_hook = bring_the_course
