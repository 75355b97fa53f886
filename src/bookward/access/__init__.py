"""Who may use the server, as what, and who did what: one idea a file, all of it kept in the state."""
