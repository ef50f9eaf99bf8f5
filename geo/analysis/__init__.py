"""Pure functions on arrays and frames: travel, coverage, gaps, nearest."""
