"""Synthetic people at real addresses: nobody here exists, and the same seed makes the same ones."""

from data.synth.city import SynthAsset, SynthCity, SynthHelper, SynthNeed, make_people

__all__ = ["SynthAsset", "SynthCity", "SynthHelper", "SynthNeed", "make_people"]
