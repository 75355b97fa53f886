"""The channels by which people are told; one file each."""
