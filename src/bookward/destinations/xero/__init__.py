"""Xero: its objects, sign-in, limits and answers."""
