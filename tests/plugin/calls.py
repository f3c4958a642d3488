"""Algorithms as QGIS uses them: checked, turned into a job, run."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from dualstream_qgis.algorithms.job_from_parameters import ParameterReader


def job(algorithm, parameters, context=None):
    """The job that parameters make."""
    one, context = algorithm().create(), context or QgsProcessingContext()
    return ParameterReader(one, parameters, context, QgsProcessingFeedback()).job(one.JOB)


def validation_error(algorithm, parameters, context=None):
    """Whether parameters are accepted, and why not."""
    context = context or QgsProcessingContext()
    return algorithm().create().checkParameterValues(parameters, context)


def run(algorithm, parameters, log, context=None):
    """Results, and whether it went well."""
    return algorithm().create().run(parameters, context or QgsProcessingContext(), log)
