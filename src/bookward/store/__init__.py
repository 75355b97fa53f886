"""Bookward's own state: runs, rows, journal, API calls, tokens."""
