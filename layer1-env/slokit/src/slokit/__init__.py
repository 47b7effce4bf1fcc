"""Access logs to SLI, error budget, burn rate and a release gate; standard library only."""
