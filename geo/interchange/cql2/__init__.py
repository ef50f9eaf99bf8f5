"""CQL2, the common query language of the Open Geospatial Consortium (OGC 21-065): read, checked, and answered."""
