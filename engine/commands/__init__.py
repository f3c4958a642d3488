"""One file a command of the CLI: it checks its job, calls the rooms below and returns ``Done``.

Read ``registry`` (which commands there are), then ``segment`` or ``train``.
"""
