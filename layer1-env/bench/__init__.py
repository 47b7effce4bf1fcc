"""Every speed claim of layer 1, as a ratio against a named peer in the same run."""
