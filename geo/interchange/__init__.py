"""Pure readers and writers of exchange formats."""
