"""Where links are kept: SQLite or PostgreSQL."""
