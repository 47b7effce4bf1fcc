"""Switch: the new column is complete and may be read. Fails where a row was not filled."""

from alembic import op

revision = "0003"
down_revision = "0002"


# region: switch
def upgrade() -> None:
    """Prove it, then promise it."""
    # Scans the table while others read and write it.
    op.execute("ALTER TABLE links VALIDATE CONSTRAINT filled")
    # Believes the constraint, so it scans nothing under its exclusive lock.
    op.execute("ALTER TABLE links ALTER COLUMN target_url SET NOT NULL")
    op.execute("ALTER TABLE links DROP CONSTRAINT filled")


# endregion


def downgrade() -> None:
    """Back to the promise for new rows."""
    op.execute("ALTER TABLE links ADD CONSTRAINT filled CHECK (target_url IS NOT NULL) NOT VALID")
    op.execute("ALTER TABLE links ALTER COLUMN target_url DROP NOT NULL")
