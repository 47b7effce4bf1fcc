"""What ``make layer1`` runs: one module a deliverable; each returns the figures of its evidence."""
