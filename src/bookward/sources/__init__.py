"""Where models read from: one file per kind of source, its specification included."""
