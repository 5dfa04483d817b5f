"""Making records up: the hints of a form, the values that are drawn, follow-up rounds, and faults planted on purpose.

The door is `intake.simulate` (records that obey a form); `intake.simulation.faults` spoils their tables.
"""
