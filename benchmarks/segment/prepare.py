"""Prepares a model for a fast start, as the end of a training does.

Usage: ``python -m benchmarks.segment.prepare MODEL``.
"""

from __future__ import annotations

import sys

from engine.runtimes.onnx_export import prepare_graph

if __name__ == "__main__":
    prepare_graph(sys.argv[1])
    print("{}")
