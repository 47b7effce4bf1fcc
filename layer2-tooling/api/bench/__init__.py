"""What a redirect costs, next to the version that most tutorials show."""
