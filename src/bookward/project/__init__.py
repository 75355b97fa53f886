"""The project folder: files to specifications, problems as data with their place."""
