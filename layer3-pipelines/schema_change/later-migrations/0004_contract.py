"""Contract: no release is left that knows the old column."""

from alembic import op

revision = "0004"
down_revision = "0003"


# region: contract
def upgrade() -> None:
    """Drop it. The lock is exclusive and short: no row is touched."""
    op.execute("DROP TRIGGER links_both_targets ON links")
    op.execute("DROP FUNCTION links_both_targets")
    op.drop_column("links", "target")


# endregion


def downgrade() -> None:
    """Nobody comes back from here without filling a column again: that is why it comes last."""
    raise NotImplementedError("0004 dropped links.target: expand again, the other way round")
