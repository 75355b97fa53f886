"""From records to what Rich can print; no input or output happens here."""
