"""hop: a link shortener made to be operated."""


def __getattr__(name: str) -> str:
    """The version, only when asked for: it costs 40 ms, and SIGTERM must be heard before."""
    if name != "__version__":
        raise AttributeError(f"module 'hop' has no attribute '{name}'")
    from importlib.metadata import version

    found = globals()[name] = version("hop")
    return found
