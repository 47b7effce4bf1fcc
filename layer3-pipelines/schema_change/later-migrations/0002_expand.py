"""Expand: the new column beside the old one; a trigger writes whichever a release leaves out."""

from alembic import op

revision = "0002"
down_revision = "0001"

BOTH = """
CREATE FUNCTION links_both_targets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.target_url IS DISTINCT FROM OLD.target_url THEN
    NEW.target := NEW.target_url;
  ELSIF TG_OP = 'UPDATE' OR NEW.target IS NOT NULL THEN
    NEW.target_url := NEW.target;
  ELSE
    NEW.target := NEW.target_url;
  END IF;
  RETURN NEW;
END $$
"""


# region: expand
def upgrade() -> None:
    """Add the column, its trigger, and the promise that no new row lacks it."""
    op.execute(BOTH)
    op.execute("ALTER TABLE links ADD COLUMN target_url text")
    op.execute(
        "CREATE TRIGGER links_both_targets BEFORE INSERT OR UPDATE ON links"
        " FOR EACH ROW EXECUTE FUNCTION links_both_targets()"
    )
    # NOT VALID looks at no row that is there: with a scan, requests would wait for its end.
    op.execute("ALTER TABLE links ADD CONSTRAINT filled CHECK (target_url IS NOT NULL) NOT VALID")


# endregion


def downgrade() -> None:
    """Take them away; the old column has everything."""
    op.execute("DROP TRIGGER links_both_targets ON links")
    op.execute("DROP FUNCTION links_both_targets")
    op.execute("ALTER TABLE links DROP COLUMN target_url")
