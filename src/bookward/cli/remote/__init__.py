"""The verbs of a command line whose project is kept by a server: the app's contract over its REST API."""
