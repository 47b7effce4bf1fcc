"""HTTP: routes translate, services decide."""
