"""The command line: which verb runs which command, and how its events reach a person or another program.

Read ``registry`` (the verbs, and how a run ends), ``shell_options`` (the options of a verb), then ``console`` (events
for a person) and ``serve`` (one job after another for a program).
"""
