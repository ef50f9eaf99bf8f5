"""Barnraiser's library: places, needs, assets and the arithmetic between them. No web framework inside."""
