"""One file per command: it checks its job, calls the rooms below and returns ``Done``.

Read ``segment`` or ``train``. ``command_line.registry`` lists the commands.
"""
