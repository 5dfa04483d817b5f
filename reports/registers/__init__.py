"""The registers around the cases as figures: posts, funding, accommodations, offers, volunteers, network.

    records --reading--> rows of texts --posts, funding, …--> Listings --output--> HTML, XLSX, JSON, screen

Internal figures and those for a named authority are exact. What leaves for the council or the public has passed
`reports.disclosure.protect` with the study's thresholds, and lists of single posts, sites or volunteers stay inside.
"""
