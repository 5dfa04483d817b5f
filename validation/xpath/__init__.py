"""ODK's expression language: one grammar, one typed tree, several readers."""
