"""Access logs to tables, with PySpark."""
