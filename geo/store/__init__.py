"""The only folder that knows the database: PostgreSQL with PostGIS, through SQLAlchemy Core and psycopg 3."""
