"""From a bundle of SafeTables to files: a notebook is executed, the result is set as HTML and PDF, many times over."""
