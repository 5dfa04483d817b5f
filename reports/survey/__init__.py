"""The report of a survey that people filled in by themselves: response, weights, results of every question.

`reading` reads the tables of known totals, `weights` makes weights from them, `counting` protects what is counted,
`making` builds the report, `chapters` shows it.
"""
