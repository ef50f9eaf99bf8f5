"""Gaps kept up to date as needs and help change, equal to working everything out anew after each change."""
