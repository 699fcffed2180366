"""The ways to a class (one machine, The Littlest JupyterHub, Kubernetes) give the same people the same rights."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.spawner import LocalProcessSpawner
from traitlets.config import Config

from convlab.classroom.settings import Settings

WORKSHOP = Path(__file__).resolve().parents[2] / "workshop"
VALUES = yaml.safe_load((WORKSHOP / "z2jh-values.yaml").read_text(encoding="utf-8"))
SOURCES = {
    "workshop": (WORKSHOP / "jupyterhub_config.py").read_text(encoding="utf-8"),
    "littlest": (WORKSHOP / "tljh_convlab.py").read_text(encoding="utf-8"),
    "kubernetes": VALUES["hub"]["extraConfig"]["convlab"],
}
DATABASE = "postgresql+psycopg://user:password@host/class"


def configured(source, **already):
    """What a hub makes of a configuration: its own object, and that of a spawner.

    Args:
        source: Python, with `c` and `get_config` there as JupyterHub gives them.
        already: what the hub was told before.
    """
    config = Config({"JupyterHub": already})
    names = {"c": config, "get_config": lambda: config, "__file__": str(WORKSHOP / "jupyterhub_config.py")}
    exec(compile(source, "config", "exec"), names)
    return JupyterHub(config=config), LocalProcessSpawner(config=config)


def rights(hub, spawner):
    """Who may do what, and how the class service is reached, as plain values."""
    service = next(service for service in hub.services if service["name"] == "convlab")
    return {
        "scopes": hub.custom_scopes,
        "roles": {role["name"]: (role["groups"], set(role["scopes"])) for role in hub.load_roles if "groups" in role},
        "service": service["command"][-2:],
        "browser": service["oauth_client_allowed_scopes"],
        "asks": not service["oauth_no_confirm"],
        "database": next(iter(service["environment"])),
        "kernel": set(spawner.server_token_scopes),
    }


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """The workshop's configuration writes its passwords into a folder of the test's own."""
    monkeypatch.setenv("CONVLAB_WORKSHOP", str(tmp_path))
    monkeypatch.setenv("CONVLAB_CLASS_DB", DATABASE)


@pytest.mark.parametrize("where", ["littlest", "kubernetes"])
def test_a_hub_elsewhere_gives_the_rights_that_the_workshop_gives(where):
    assert rights(*configured(SOURCES[where])) == rights(*configured(SOURCES["workshop"]))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('[reach, "custom:convlab:read"]', "[reach]"),
        ('"access:servers!server", reach]', '"access:servers!server"]'),
        ('"access:servers!server", reach]', '"access:servers!server", reach, "custom:convlab:read"]'),
        ('"oauth_client_allowed_scopes": ["custom:convlab:read"]', '"oauth_client_allowed_scopes": []'),
        ('["convlab-instructors"]', '["convlab-students"]'),
    ],
)
@pytest.mark.parametrize("where", ["littlest", "kubernetes"])
def test_other_rights_are_noticed(where, was, becomes):
    assert was in SOURCES[where]
    wrong = SOURCES[where].replace(was, becomes)
    assert rights(*configured(wrong)) != rights(*configured(SOURCES["workshop"]))


@pytest.mark.parametrize("where", ["littlest", "kubernetes"])
def test_what_the_hub_had_before_stays(where):
    role = {"name": "cull", "services": ["cull"], "scopes": ["list:users"]}
    hub, _ = configured(SOURCES[where], services=[{"name": "cull", "command": ["true"]}], load_roles=[role])
    assert [service["name"] for service in hub.services] == ["cull", "convlab"]
    assert hub.load_roles[0] == role
    assert set(hub.load_groups) == {"convlab-students", "convlab-instructors"}


def test_the_littlest_hub_tells_kernels_where_the_class_is():
    hub, spawner = configured(SOURCES["littlest"])
    assert spawner.environment["CONVLAB_CLASS_URL"] == "http://127.0.0.1/services/convlab/"
    assert urlsplit(hub.services[0]["url"]).port == Settings.port


def test_on_kubernetes_each_door_is_the_services_own():
    hub, _ = configured(SOURCES["kubernetes"])
    service = hub.services[0]
    port = urlsplit(service["url"]).port
    variable, _, listens = service["command"][1].partition("=")
    assert Settings.of({variable: listens}) == Settings(host="0.0.0.0", port=port)
    assert service["environment"]["CONVLAB_CLASS_DB"] == DATABASE
    assert [door["port"] for door in VALUES["hub"]["service"]["extraPorts"]] == [port]
    assert VALUES["hub"]["networkPolicy"]["ingress"][0]["ports"] == [{"port": port}]
    assert VALUES["proxy"]["chp"]["networkPolicy"]["egress"][0]["ports"] == [{"port": port}]
    assert "secretKeyRef" in VALUES["hub"]["extraEnv"]["CONVLAB_CLASS_DB"]["valueFrom"]
    address = urlsplit(VALUES["singleuser"]["extraEnv"]["CONVLAB_CLASS_URL"])
    assert (address.hostname, address.path) == ("proxy-public", Settings.prefix)
