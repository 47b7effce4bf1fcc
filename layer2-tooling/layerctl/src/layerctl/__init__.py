"""layerctl: the repository's own command line. Standard library only, Python 3.11 or newer."""
