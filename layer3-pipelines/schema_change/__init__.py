"""A column of hop is renamed while two releases serve: expand, fill, switch, contract."""
