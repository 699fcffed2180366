"""The class on The Littlest JupyterHub: copy it to /opt/tljh/config/jupyterhub_config.d/convlab.py; see littlest.md.

Three names are yours to change. Everything is added to what the hub has already, so that its own services and roles,
such as the one that stops idle servers, stay. The class service runs in an environment of its own, /opt/convlab, and
leaves the hub's packages as they are.
"""

INSTRUCTORS = ["ida"]  # as they log in; each is in the group of instructors
LEARNERS = ["lea", "max"]  # more can be added to convlab-students at /hub/admin, without a restart
ADDRESS = "http://127.0.0.1"  # with HTTPS the address that learners type, such as https://hub.example.org

c = get_config()
reach = "access:services!service=convlab"

c.JupyterHub.custom_scopes.update({"custom:convlab:read": {"description": "Read the progress of the class"}})
c.JupyterHub.services.extend(
    [
        {
            "name": "convlab",
            "url": "http://127.0.0.1:10180",
            "command": ["/opt/convlab/bin/python3", "-m", "convlab.classroom"],
            "environment": {"CONVLAB_CLASS_DB": "sqlite:////opt/tljh/state/convlab-class.sqlite"},
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": ["custom:convlab:read"],
        }
    ]
)
c.JupyterHub.load_groups.update(
    {"convlab-students": {"users": LEARNERS}, "convlab-instructors": {"users": INSTRUCTORS}}
)
c.JupyterHub.load_roles.extend(
    [
        {"name": "convlab-student", "groups": ["convlab-students"], "scopes": [reach]},
        {"name": "convlab-instructor", "groups": ["convlab-instructors"], "scopes": [reach, "custom:convlab:read"]},
    ]
)

# A server's token reaches the class, and never reads it, not even an instructor's.
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", reach]
c.Spawner.environment.update({"CONVLAB_CLASS_URL": f"{ADDRESS}/services/convlab/"})
