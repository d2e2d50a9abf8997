"""About the data."""
