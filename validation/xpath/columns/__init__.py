"""Expressions over whole tables: the typed tree of an expression and the tables of a form give a numpy column.

What is evaluated has exactly the value that `validation.xpath.evaluator` gives row by row. That is so by construction
wherever a row function is asked once per distinct value (texts, categories, look-ups), and by care where numpy reckons
(numbers, comparisons, aggregates). `NoColumnForm` says that an expression has no such form.
"""
