"""The words of the field as frozen records and enums; standard library and shapely only."""
