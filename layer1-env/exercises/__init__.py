"""One question a lesson; the right answer is found by running the tools, so it cannot be stale."""
