"""The help pages: ``algorithm_pages`` writes Markdown from the plugin's code, ``html_pages`` makes HTML of all Markdown."""
