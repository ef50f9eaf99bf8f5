"""Whole tables answered row for row: in pieces, by several processes, and gone on with where they were broken off."""
