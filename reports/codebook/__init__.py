"""The codebook of a form: what every question is called, offers, demands and is for; with a study, how it was answered.

`entries` reads the form, `counts` the answers, `page` and `sheets` write HTML and XLSX, `making` goes from a name to a
file. Figures are for internal use: nothing here is protected, and every page says so.
"""
