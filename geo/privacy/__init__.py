"""What may leave, for whom: cells, suppression and the one function that discloses."""
