"""Seeded, real HTTP traffic for hop, with its ground truth written down."""
