"""Calls of an algorithm as QGIS makes them: check the parameters, prepare the job, run."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from dualstream_qgis.algorithms.job_from_parameters import ParameterReader


def job(algorithm, parameters, context=None):
    """Returns the job of some parameters."""
    created, context = algorithm().create(), context or QgsProcessingContext()
    return ParameterReader(created, parameters, context, QgsProcessingFeedback()).job(created.JOB)


def check_parameters(algorithm, parameters, context=None):
    """Returns whether the parameters are accepted, and the error message."""
    context = context or QgsProcessingContext()
    return algorithm().create().checkParameterValues(parameters, context)


def run(algorithm, parameters, log, context=None):
    """Returns the results, and whether the run succeeded."""
    return algorithm().create().run(parameters, context or QgsProcessingContext(), log)
