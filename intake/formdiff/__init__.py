"""Two versions of a form compared, before the new one is published.

`describing` says what a form says of each node, `meaning` when two expressions are one, `comparing` what changed and
what that does to records and series, `stored` tries it on the answers of a study, `telling` puts it into words.
"""
