"""Writes reports for people: self-contained HTML pages with charts, of trainings, evaluations, models and runs.

Read ``page`` (one look for all pages, from the templates in ``templates/``) and ``charts`` (figures as inline SVG). A new
report is a template that extends ``page.html`` and a module that collects its values. ``markdown_card`` and ``stac_item``
describe a model for hubs and catalogues; ``card_values`` has what they share with its page.
"""
