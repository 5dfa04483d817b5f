"""Forms on paper: the empty form to fill in with a pen, and a filled one to sign. `Sheet`s; the PDF is `render`'s."""
