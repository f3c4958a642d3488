"""Segments several scenes in one QGIS process and measures the seconds of each. It needs a Python with PyQGIS.

    python3 -m benchmarks.segment.qgis_batch job.json

The job file names model, images, output folder and further options of the algorithm, see ``qgis_trials.py``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from qgis.core import QgsApplication


def main() -> None:
    """Runs ``dualstream:segment`` on every image and prints the seconds as JSON."""
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
    seconds = []
    for number, image in enumerate(job["images"]):
        start = time.monotonic()
        output = Path(job["folder"]) / f"mask-{number}.tif"
        options = {"MODEL": [job["model"]], "IMAGE": image, "OUTPUT": str(output)}
        processing.run("dualstream:segment", {**options, **job["options"]})
        seconds.append(time.monotonic() - start)
    print("\n" + json.dumps({"seconds": seconds}), flush=True)
    plugin.unload()
    application.exitQgis()


if __name__ == "__main__":
    main()
