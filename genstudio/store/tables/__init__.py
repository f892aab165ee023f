"""One module a table: rows in and out of an open connection, inside the caller's transaction."""
