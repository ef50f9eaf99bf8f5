"""The phone pages: what canvassers carry to the door, and how what they hand in becomes records."""
