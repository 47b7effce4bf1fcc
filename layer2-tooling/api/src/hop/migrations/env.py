"""Alembic's entry: runs migrations on the connection that `hop.storage.schema` hands over."""

from alembic import context

from hop.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
with context.begin_transaction():
    context.run_migrations()
