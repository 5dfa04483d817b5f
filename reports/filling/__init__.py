"""An office's own Word or PDF form, filled from the answers of a case by a table that says which goes where."""
