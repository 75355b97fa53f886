"""What Bookward exists for: the diff, the mapping, the plan, the snapshot."""
