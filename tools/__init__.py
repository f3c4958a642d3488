"""Programs of the makers, which are not part of the plugin: each is behind a target of the Makefile.

Each runs as ``python -m tools.NAME``. ``demo`` trains and maps two sample scenes. ``package`` writes the plugin's zip, with
the model of ``starter_model``. ``documentation`` writes the help pages, ``translations`` collects the texts, ``wheels``
fills a folder for a computer without internet. ``portability`` and ``windows_check`` run the tests as on other computers.
"""
