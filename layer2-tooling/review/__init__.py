"""Dependency review: what a change does to the lock files, and whether the house takes it."""
