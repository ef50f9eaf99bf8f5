"""Side-by-side benchmarks, printed as ratios."""
