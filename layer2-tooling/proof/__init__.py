"""What layer 2 shows when it runs, one module a deliverable."""
