"""The server: the REST API over the app's verbs, and sign-in."""
