"""JupyterLab in a container: its token is a file."""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - Jupyter defines it
c.IdentityProvider.token = Path(os.environ["JUPYTER_TOKEN_FILE"]).read_text("utf-8").strip()
c.PasswordIdentityProvider.allow_password_change = False
c.ServerApp.root_dir = "/notebooks"
# Extensions would be fetched from a registry at run time.
c.LabApp.extension_manager = "readonly"
# No page of another site may talk to a kernel.
c.ServerApp.allow_origin = ""
