"""One loader for each kind of source."""
