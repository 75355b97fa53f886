"""Where models read from: one file or folder per kind of source, its specification included."""
