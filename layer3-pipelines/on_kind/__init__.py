"""hop on a kind cluster: deployed, rolled out under load, broken and found again."""
