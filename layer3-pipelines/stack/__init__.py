"""Deliverables 3.2 and 3.5: hop as a Compose stack, with its logs, metrics, traces and alerts."""
