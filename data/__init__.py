"""Loading and making data: validate, upsert, report."""
