"""Measures of access on sparse pairs of demand and supply, each written in its own units.

All of them take a :class:`~geo.analysis.access.pairs.CostPairs`; demand that reaches no supply is a value of the answer
(0, or infinite minutes), never a row that is missing.
"""
