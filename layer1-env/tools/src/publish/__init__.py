"""How slokit becomes a product: built twice alike, compared, published, described."""
