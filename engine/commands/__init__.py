"""One file per command: it checks its job, calls the rooms below and returns ``Done``.

Read ``registry``, which lists the commands, then ``segment`` or ``train``.
"""
