"""Run by Alembic: migrates over the connection that it is handed, in that connection's transaction."""

from alembic import context

from bookward.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
