"""Imports: rows of other people's tables judged, placed, made into records, and gone on with after a break."""
