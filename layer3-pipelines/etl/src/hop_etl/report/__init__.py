"""One self-contained page about a run: no script, no network, no file beside it."""
