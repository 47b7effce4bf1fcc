"""The main job: real traffic, or the reader's own logs, to a release verdict."""
