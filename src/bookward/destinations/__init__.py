"""Where syncs write to: one folder per kind of destination."""
