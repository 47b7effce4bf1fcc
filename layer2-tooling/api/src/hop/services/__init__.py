"""What hop does with links: decisions, no HTTP and no SQL."""
