"""The Integrationsplan as a document: one sheet to sign, snapshots of it, what changed, and what an agency may get."""
