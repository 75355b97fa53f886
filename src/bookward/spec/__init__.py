"""The project's vocabulary as typed models; a file of the project is one of these."""
