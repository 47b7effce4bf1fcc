"""Two projects that cannot share an environment, made by four tools, and their locks."""
