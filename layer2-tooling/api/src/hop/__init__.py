"""hop: a link shortener made to be operated."""

from importlib.metadata import version

__version__ = version("hop")
