"""Who is told that something is wrong, when, and how: by state, not by run."""
