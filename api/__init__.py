"""The HTTP face: a thin FastAPI application over geo."""
