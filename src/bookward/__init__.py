"""Bookward: reverse ETL for the general ledger."""

__version__ = "0.1.0"
