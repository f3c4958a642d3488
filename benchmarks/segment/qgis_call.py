"""Segments a scene in QGIS and measures the seconds of the algorithm. It needs a Python with PyQGIS.

    python3 -m benchmarks.segment.qgis_call job.json

The job file holds the parameters of the algorithm, see ``qgis_trials.py``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from qgis.core import QgsApplication


def main() -> None:
    """Runs ``dualstream:segment`` and prints its seconds as JSON."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    application = QgsApplication([], False)
    application.initQgis()
    sys.path.append(str(Path(QgsApplication.pkgDataPath()) / "python" / "plugins"))
    import processing
    from processing.core.Processing import Processing

    from dualstream_qgis import classFactory

    Processing.initialize()
    plugin = classFactory(None)
    plugin.initProcessing()
    start = time.monotonic()
    processing.run("dualstream:segment", job)
    print("\n" + json.dumps({"seconds": time.monotonic() - start}), flush=True)
    plugin.unload()
    application.exitQgis()


if __name__ == "__main__":
    main()
