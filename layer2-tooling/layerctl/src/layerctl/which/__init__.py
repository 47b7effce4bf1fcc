"""``layerctl which-python``: which interpreter a name really leads to, and what gets in its way."""
