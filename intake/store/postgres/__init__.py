"""The store of a team: PostgreSQL. Rows are decided by the server, content by keys that never reach it."""
