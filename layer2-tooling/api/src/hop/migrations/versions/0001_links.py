"""Links, idempotency keys, clicks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "links",
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.PrimaryKeyConstraint("slug", name="pk_links"),
    )
    op.create_index("ix_links_created_at_slug", "links", ["created_at", "slug"])
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_table(
        "clicks",
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("clicks", sa.BigInteger, nullable=False),
        sa.Column("clients", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("slug", "hour", name="pk_clicks"),
    )
    op.create_table(
        "click_loads",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_click_loads"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("click_loads", "clicks", "idempotency_keys", "links"):
        op.drop_table(table)
