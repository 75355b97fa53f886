"""The command line: verbs that call the app and render what it returns."""
