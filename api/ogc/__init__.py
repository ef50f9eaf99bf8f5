"""Feeds as OGC API wants them: what is asked, what there is, and how it is answered."""
