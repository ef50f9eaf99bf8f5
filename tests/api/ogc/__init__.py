"""The feeds against the abstract tests of the standards they claim."""
