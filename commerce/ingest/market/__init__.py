"""Reads tables about places: card sales, footfall, indicators of areas, as publishers give them.

Which column plays which role stands in ``data/reference/market_columns.csv``, what is
known of each publication in ``adapters.csv``; an adapter adds one SQL file.
"""
