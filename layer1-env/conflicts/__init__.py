"""A lab of interpreter and PATH conflicts, on real interpreters, graded after repair."""
