"""The large demo: a Kreis that does not exist, with five years of rounds, talks, moves and registers.

district    who lives where and when: the plan of the Kreis, pure
course      what a person's life is like on a day, and what a follow-up or an exit finds of it
talks       contacts, alone and in groups
registers   funding, offers, volunteers, organisations, sessions
townplan    the municipal plan with its indicators, and school-entry examinations
known       what the records made so far say of a person, so that the next one opens with it
making      tasks in the order of time, each taken through its form
"""
