"""Address parsing, normalising, scoring and the cascade; knows no database."""
