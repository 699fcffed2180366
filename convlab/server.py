"""JupyterLab's files, with one thing changed: a notebook opened without a kernel shows no dead widgets.

A view of a widget is stored in a notebook, the widget itself lives in the kernel. Opened the next day, every stored
view would be shown as "Error displaying widget: model not found". Without the view the widget is shown as its one line
of text until its cell is run again. While the kernel lives, after a reload of the page say, all stays as it is stored.
`binder/jupyter_server_config.json` names this class; this module is imported by Jupyter's server alone.
"""

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

VIEW = "application/vnd.jupyter.widget-view+json"


class CourseFiles(AsyncLargeFileManager):
    """The files of the folder that JupyterLab was started for."""

    async def get(self, path, *arguments, **keywords):
        model = await super().get(path, *arguments, **keywords)
        if model["type"] == "notebook" and model["content"] and not await self._has_kernel(path):
            drop_views(model["content"])
        return model

    async def _has_kernel(self, path):
        sessions = await self.parent.session_manager.list_sessions()
        return any(session["path"].strip("/") == path.strip("/") for session in sessions)


def drop_views(notebook):
    """Takes the views of widgets out of a notebook (a dict), where a line of text is there to show instead."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if VIEW in data and "text/plain" in data:
                del data[VIEW]
