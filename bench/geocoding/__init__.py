"""How right and how fast the geocoder is, beside others on the same addresses."""
