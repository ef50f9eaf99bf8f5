"""CQL2 read, checked and answered."""
