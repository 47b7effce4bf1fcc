"""What a link is. No framework is imported here."""
