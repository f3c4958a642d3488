from __future__ import annotations

import configparser
from dataclasses import fields

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.file_jobs import PolygonsJob
from dualstream_qgis.engine.contract.jobs import (
    PredictFolderJob,
    SegmentFolderJob,
    SegmentJob,
    TrainJob,
)
from qgis.core import QgsApplication, QgsProcessingParameterDefinition
from qgis.PyQt.QtSvg import QSvgRenderer

from dualstream_qgis import ROOT

pytestmark = pytest.mark.usefixtures("processing_ready")

#: Names are a contract: models, scripts and batches of users have them written down.
PARAMETERS = {
    "train": """
        ARCHITECTURE ENCODER IMAGE AUXILIARY LABELS CLASS_FIELD AREA DATASET EPOCHS MINUTES BATCH_SIZE
        TILE_SIZE LEARNING_RATE VALIDATION_SHARE PRETRAINED SEED DEVICE PRECISION OUTPUT
        UNLABELLED CLASS_NAMES IGNORE MERGE AUXILIARY_TILE_SIZE ENCODER_RATE FUSION_RATE WEIGHT_DECAY
        WARMUP_EPOCHS LOSS STREAM_DROPOUT CHECKPOINT_EVERY IMAGE_BANDS AUXILIARY_BANDS
        ACCUMULATION CLASS_BALANCE LOGIT_ADJUSTMENT CLASS_WEIGHTS SCHEDULE OPTIMIZER PATIENCE CROP FOREGROUND
        LEAST_FOREGROUND EMA AUGMENTATION PASTE VALIDATE_EVERY RLE_ORDER RESUME START PRESET
    """,
    "segment": """
        MODEL IMAGE AUXILIARY EXTENT IMAGE_BANDS AUXILIARY_BANDS OVERLAP BATCH_SIZE DEVICE
        PRECISION RUNTIME CONFIDENCE OUTPUT COMBINE TTA THRESHOLD MATCH_RESOLUTION DISAGREEMENT
    """,
    "segmentfolder": """
        MODEL SCENES IMAGES AUXILIARY IMAGE_BANDS AUXILIARY_BANDS OVERLAP COMBINE TTA THRESHOLD
        MATCH_RESOLUTION BATCH_SIZE CONFIDENCE DEVICE PRECISION RUNTIME ON WORKERS CORES SPLIT
        OUTPUT_FOLDER
    """,
    "predictfolder": """
        CHECKPOINT DATASET ORDER OVERLAP COMBINE TTA THRESHOLD MATCH_RESOLUTION BATCH_SIZE
        DEVICE PRECISION RUNTIME OUTPUT
    """,
    "polygons": """
        MASK CONFIDENCE CLASSES MINIMUM_AREA FILL_HOLES SIMPLIFY RIGHT_ANGLES OUTPUT
    """,
    "setup": "TORCH WHEELS",
}
OUTPUTS = {
    "train": "OUTPUT MIOU PIXEL_ACCURACY EPOCHS_RUN DEVICE_USED",
    "segment": "OUTPUT CONFIDENCE DISAGREEMENT DEVICE_USED RUNTIME_USED TILES SECONDS",
    "segmentfolder": """
        OUTPUT_FOLDER SUMMARY TABLE MOSAIC SECONDS DEVICE_USED RUNTIME_USED
        SCENES SCENES_DONE SCENES_KEPT SCENES_FAILED
    """,
    "predictfolder": "OUTPUT SUBMISSION RESULTS SCENES SECONDS DEVICE_USED",
    "polygons": "OUTPUT POLYGONS AREA_M2 SECONDS",
    "setup": "ENGINE_PYTHON DEVICE",
}
#: Parameters that the dialog shows without a click on "Advanced".
BASIC = {
    "train": """
        IMAGE AUXILIARY LABELS CLASS_FIELD AREA DATASET ARCHITECTURE ENCODER START EPOCHS MINUTES BATCH_SIZE
        TILE_SIZE OUTPUT
    """,
    "segment": "MODEL IMAGE AUXILIARY EXTENT BATCH_SIZE CONFIDENCE DISAGREEMENT OUTPUT",
    "segmentfolder": "MODEL SCENES IMAGES AUXILIARY BATCH_SIZE CONFIDENCE OUTPUT_FOLDER",
    "predictfolder": "CHECKPOINT DATASET ORDER BATCH_SIZE OUTPUT",
    "polygons": "MASK CONFIDENCE MINIMUM_AREA FILL_HOLES SIMPLIFY RIGHT_ANGLES OUTPUT",
    "setup": "TORCH",
}
JOBS = {
    "train": TrainJob(),
    "segment": SegmentJob(),
    "segmentfolder": SegmentFolderJob(),
    "predictfolder": PredictFolderJob(),
    "polygons": PolygonsJob(),
}
ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced


def algorithm(name):
    return QgsApplication.processingRegistry().algorithmById(f"dualstream:{name}")


def definitions(name):
    return {definition.name(): definition for definition in algorithm(name).parameterDefinitions()}


def test_the_provider_has_all_algorithms(processing_ready):
    assert processing_ready.id() == "dualstream"
    assert processing_ready.name() == "DualStream"
    assert {a.id() for a in processing_ready.algorithms()} == {
        f"dualstream:{n}" for n in PARAMETERS
    }
    assert not processing_ready.icon().isNull()
    assert processing_ready.versionInfo() == metadata()["version"]


@pytest.mark.parametrize("name", PARAMETERS)
def test_names_of_parameters_and_outputs_are_the_contract(name):
    assert sorted(definitions(name)) == sorted(PARAMETERS[name].split())
    outputs = [output.name() for output in algorithm(name).outputDefinitions()]
    assert sorted(outputs) == sorted(OUTPUTS[name].split())
    basic = [key for key, d in definitions(name).items() if not d.flags() & ADVANCED]
    assert sorted(basic) == sorted(BASIC[name].split())


@pytest.mark.parametrize("name", PARAMETERS)
def test_enums_are_static_strings_with_a_default_among_them(name):
    for definition in definitions(name).values():
        if definition.type() == "enum":
            assert definition.usesStaticStrings(), definition.name()
            assert definition.defaultValue() in definition.options()


@pytest.mark.parametrize(("name", "job"), JOBS.items())
def test_defaults_are_the_jobs_defaults(name, job):
    if name.endswith("folder"):  # the others have parameters that become several fields
        assert sorted(definitions(name)) == sorted(field.name.upper() for field in fields(job))
        assert algorithm(name).parameterDefinitions()[-1].type() == "folderDestination"
    for key, definition in definitions(name).items():
        if definition.type() in {"enum", "number", "boolean"}:
            assert definition.defaultValue() == getattr(job, key.lower()), key


@pytest.mark.parametrize("name", PARAMETERS)
def test_all_texts_for_the_user_are_set(name):
    one = algorithm(name)
    assert one.displayName()
    assert one.shortDescription()
    assert len(one.tags()) > 5
    assert one.group()
    assert not one.icon().isNull()
    for key, definition in definitions(name).items():
        assert definition.help(), key
        assert definition.help() in one.shortHelpString()
        assert len(definition.description()) <= 45, "wider than the dialog: it would scroll"


def test_only_training_can_use_all_devices():
    assert definitions("train")["DEVICE"].options()[-1] == "all"
    for name in ("segment", "segmentfolder", "predictfolder"):
        assert "all" not in definitions(name)["DEVICE"].options()


def test_the_batch_size_may_be_automatic():
    for name in ("train", "segment", "segmentfolder", "predictfolder"):
        definition = definitions(name)["BATCH_SIZE"]
        assert definition.minimum() == 0 and "0: automatic" in definition.description()


def test_the_licence_of_the_weights_is_in_the_help():
    assert "non-commercial" in definitions("train")["PRETRAINED"].help()
    assert "non-commercial use only" in algorithm("train").shortHelpString()


def test_confidence_is_off_by_default():
    assert not definitions("segment")["CONFIDENCE"].createByDefault()


def metadata():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return parser["general"]


def test_the_metadata_is_ready_for_the_hub():
    found = metadata()
    for key in [
        "name",
        "version",
        "description",
        "about",
        "author",
        "email",
        "homepage",
        "repository",
        "tracker",
    ]:
        assert found[key], key
    assert found["qgisMinimumVersion"] == "3.22"
    assert found["qgisMaximumVersion"] == "4.99"
    assert found["hasProcessingProvider"] == "yes"
    assert (ROOT / found["icon"]).is_file()


def test_the_icons_are_well_formed():
    for path in (ROOT / "resources" / "icons").glob("*.svg"):
        assert QSvgRenderer(str(path)).isValid(), path
