from __future__ import annotations

import configparser
import re
from dataclasses import fields

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.file_jobs import (
    EvaluateJob,
    ExportJob,
    PolygonsJob,
    SketchJob,
    SuggestJob,
)
from dualstream_qgis.engine.contract.jobs import (
    PredictFolderJob,
    SegmentFolderJob,
    SegmentJob,
    TrainJob,
)
from dualstream_qgis.engine.contract.recipe_options import RECIPE_FIELDS, recipe_groups
from processing.gui.AlgorithmDialog import AlgorithmDialog
from qgis.core import QgsApplication, QgsProcessingAlgorithm, QgsProcessingParameterDefinition
from qgis.PyQt.QtSvg import QSvgRenderer
from qgis.PyQt.QtWidgets import QDialog, QPushButton

from dualstream_qgis import ROOT
from dualstream_qgis.algorithms.parameter_factories import field_of

pytestmark = pytest.mark.usefixtures("processing_ready")

#: Names are a contract: models, scripts and batches of users have them written down.
PARAMETERS = {
    "train": """
        IMAGE LABELS CLASS_FIELD AUXILIARY AREA CORRECTIONS CHECKED UNLABELLED IGNORE MERGE CLASS_NAMES ARCHITECTURE ENCODER
        START MINUTES EPOCHS FOLDS BATCH_SIZE TILE_SIZE DEVICE RECIPE OUTPUT REPORT
    """,
    "traindataset": """
        DATASET CLASS_FIELD RLE_ORDER CORRECTIONS CHECKED UNLABELLED IGNORE MERGE CLASS_NAMES ARCHITECTURE ENCODER START
        MINUTES EPOCHS FOLDS BATCH_SIZE TILE_SIZE DEVICE RECIPE OUTPUT REPORT
    """,
    "sketch": """
        IMAGE LABELS CLASS_FIELD AUXILIARY EXTENT POINT_RADIUS LINE_WIDTH CLASS_NAMES IMAGE_BANDS AUXILIARY_BANDS DEVICE
        OUTPUT CONFIDENCE OUTPUT_MODEL
    """,
    "suggest": """
        MODEL IMAGE AUXILIARY IMAGE_ALONE LABELS CLASS_FIELD COUNT SIZE EXTENT AREA LABELLED_AREA POINT_RADIUS LINE_WIDTH
        IGNORE CORRECTIONS CHECKED IMAGE_BANDS AUXILIARY_BANDS OVERLAP COMBINE TTA THRESHOLD MATCH_RESOLUTION BATCH_SIZE DEVICE PRECISION RUNTIME OUTPUT
    """,
    "segment": """
        MODEL IMAGE AUXILIARY EXTENT IMAGE_BANDS AUXILIARY_BANDS OVERLAP BATCH_SIZE DEVICE
        PRECISION RUNTIME CONFIDENCE OUTPUT COMBINE TTA THRESHOLD MATCH_RESOLUTION DISAGREEMENT UNLIKE IMAGE_ALONE
    """,
    "segmentfolder": """
        MODEL SCENES IMAGES AUXILIARY IMAGE_BANDS AUXILIARY_BANDS OVERLAP COMBINE TTA THRESHOLD
        MATCH_RESOLUTION BATCH_SIZE CONFIDENCE DEVICE PRECISION RUNTIME ON WORKERS CORES SPLIT
        OUTPUT IMAGE_ALONE
    """,
    "predictfolder": """
        MODEL DATASET ORDER IMAGE_ALONE OVERLAP COMBINE TTA THRESHOLD MATCH_RESOLUTION BATCH_SIZE
        DEVICE PRECISION RUNTIME OUTPUT
    """,
    "polygons": """
        MASK CONFIDENCE CLASSES SPLIT NECK MINIMUM_AREA FILL_HOLES SIMPLIFY RIGHT_ANGLES OUTPUT
    """,
    "evaluate": """
        MASK LABELS CLASS_FIELD AREA SAMPLING MASK_FIELD UNLABELLED POINT_RADIUS LINE_WIDTH IGNORE MERGE TOLERANCE REPORT
    """,
    "export": "MODEL FORMAT LICENCE PRECISION CLASS_MAP OUTPUT",
    "import": """
        WEIGHTS ARCHITECTURE CLASS_NAMES NORMALISATION MEAN STD AUXILIARY_MEAN AUXILIARY_STD MAXIMUM TILE_SIZE
        PIXEL_SIZE THRESHOLD OUTPUT_KIND LAYOUT GRAPH_OUTPUT IMAGE_INPUT AUXILIARY_TILE_SIZE OUTPUT
    """,
    "doctor": "REPORT",
    "modelinfo": "MODEL REPORT",
    "setup": "ONLY_MAP TORCH WHEELS",
    "sample": "OUTPUT",
    "download": "SYSTEM ONLY_MAP GRAPHICS PYTHON OUTPUT",
}
OUTPUTS = {
    "train": "OUTPUT REPORT MIOU PIXEL_ACCURACY EPOCHS_RUN DEVICE_USED",
    "traindataset": "OUTPUT REPORT MIOU PIXEL_ACCURACY EPOCHS_RUN DEVICE_USED",
    "sketch": "OUTPUT CONFIDENCE OUTPUT_MODEL MARKS SCORE SCORE_LOW SCORE_HIGH SECONDS",
    "suggest": "OUTPUT SQUARES DEVICE_USED RUNTIME_USED SECONDS",
    "segment": "OUTPUT CONFIDENCE DISAGREEMENT UNLIKE DEVICE_USED RUNTIME_USED TILES SECONDS",
    "segmentfolder": """
        OUTPUT SUMMARY TABLE MOSAIC SECONDS DEVICE_USED RUNTIME_USED
        SCENES SCENES_DONE SCENES_KEPT SCENES_FAILED
    """,
    "predictfolder": "OUTPUT SUBMISSION RESULTS SCENES SECONDS DEVICE_USED",
    "polygons": "OUTPUT POLYGONS AREA_M2 SECONDS",
    "evaluate": "REPORT MIOU PIXEL_ACCURACY MEAN_BOUNDARY_F1 PIXELS",
    "export": "OUTPUT",
    "import": "OUTPUT BANDS",
    "doctor": "REPORT READY DEVICE",
    "modelinfo": "REPORT PARAMETERS",
    "setup": "ENGINE_PYTHON DEVICE",
    "sample": "OUTPUT IMAGE AUXILIARY LABELS UNSEEN_IMAGE UNSEEN_AUXILIARY UNSEEN_LABELS MODEL",
    "download": "OUTPUT MEGABYTES",
}
#: Parameters that the dialog shows without a click on "Advanced".
BASIC = {
    "train": """
        IMAGE LABELS CLASS_FIELD AUXILIARY ARCHITECTURE ENCODER START MINUTES RECIPE OUTPUT
    """,
    "traindataset": "DATASET ARCHITECTURE ENCODER START MINUTES RECIPE OUTPUT",
    "sketch": "IMAGE LABELS CLASS_FIELD AUXILIARY EXTENT OUTPUT CONFIDENCE OUTPUT_MODEL",
    "suggest": "MODEL IMAGE AUXILIARY IMAGE_ALONE LABELS CLASS_FIELD COUNT SIZE EXTENT OUTPUT",
    "segment": "MODEL IMAGE AUXILIARY IMAGE_ALONE EXTENT CONFIDENCE DISAGREEMENT UNLIKE OUTPUT",
    "segmentfolder": "MODEL SCENES IMAGES AUXILIARY IMAGE_ALONE CONFIDENCE OUTPUT",
    "predictfolder": "MODEL DATASET ORDER IMAGE_ALONE OUTPUT",
    "polygons": "MASK CONFIDENCE SPLIT MINIMUM_AREA FILL_HOLES SIMPLIFY RIGHT_ANGLES OUTPUT",
    "evaluate": "MASK LABELS CLASS_FIELD AREA SAMPLING REPORT",
    "export": "MODEL FORMAT LICENCE OUTPUT",
    "import": "WEIGHTS ARCHITECTURE CLASS_NAMES NORMALISATION TILE_SIZE OUTPUT",
    "doctor": "REPORT",
    "modelinfo": "MODEL REPORT",
    "setup": "ONLY_MAP TORCH",
    "sample": "OUTPUT",
    "download": "SYSTEM ONLY_MAP GRAPHICS OUTPUT",
}
JOBS = {
    "train": TrainJob(),
    "traindataset": TrainJob(),
    "sketch": SketchJob(),
    "suggest": SuggestJob(),
    "segment": SegmentJob(),
    "segmentfolder": SegmentFolderJob(),
    "predictfolder": PredictFolderJob(),
    "polygons": PolygonsJob(),
    "evaluate": EvaluateJob(),
    "export": ExportJob(),
}
ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced
OPTIONAL = QgsProcessingParameterDefinition.Flag.FlagOptional
HIDDEN = QgsProcessingParameterDefinition.Flag.FlagHidden


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
        assert {field_of(d) for d in definitions(name).values()} == {f.name for f in fields(job)}
        assert algorithm(name).parameterDefinitions()[-1].type() == "folderDestination"
    for key, definition in definitions(name).items():
        default = getattr(job, field_of(definition), None)
        if definition.type() in {"enum", "boolean"}:
            assert definition.defaultValue() == default, key
        if definition.type() == "number":
            is_empty = bool(definition.flags() & OPTIONAL)
            assert definition.defaultValue() == (None if is_empty else default), key
            assert not is_empty or definition.minimum() > default or key == "OVERLAP", key


@pytest.mark.parametrize("name", PARAMETERS)
def test_all_texts_for_the_user_are_set(name):
    one = algorithm(name)
    assert one.displayName()
    assert one.shortDescription()
    assert len(one.tags()) > 5
    assert one.group()
    assert not one.icon().isNull()
    assert "What it needs" in one.shortHelpString() or name in {"train", "segment"}
    assert "Example" in one.shortHelpString() or name in {"train", "segment"}
    for key, definition in definitions(name).items():
        assert definition.help(), key
        assert definition.help() in one.shortHelpString()
        is_wrapped = definition.name() == "ONLY_MAP"
        assert is_wrapped or len(definition.description()) <= 45, "the dialog would scroll sideways"


def test_qgis_process_prints_plain_text_and_the_description_once(monkeypatch):
    monkeypatch.setattr(QgsApplication, "platform", staticmethod(lambda: "qgis_process"))
    for name in PARAMETERS:
        one = algorithm(name).create()  # its parameters are declared anew
        helps = [definition.help() for definition in one.parameterDefinitions()]
        assert not re.search(r"</?[a-z]+>|&[a-z]+;", "".join([one.shortHelpString(), *helps])), name
        assert one.shortDescription() not in one.shortHelpString()
        assert not any(text in one.shortHelpString() for text in helps), "it prints them itself"
    assert "\n\nWhat it makes: " in algorithm("setup").create().shortHelpString()


def test_the_plugin_manager_names_all_algorithms():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    about = parser.get("general", "about")
    assert not [name for name in PARAMETERS if algorithm(name).displayName() not in about]


def test_what_is_done_once_has_no_batch(monkeypatch):
    flag = QgsProcessingAlgorithm.Flag.FlagSupportsBatch
    without = {name for name in PARAMETERS if not algorithm(name).flags() & flag}
    assert without == {"setup", "sample", "download", "doctor"}
    assert algorithm("train").createCustomParametersWidget() is None, "QGIS's own dialog"
    monkeypatch.setattr(
        AlgorithmDialog, "__init__", lambda dialog, *_, **__: QDialog.__init__(dialog)
    )
    monkeypatch.setattr(AlgorithmDialog, "runAsBatchButton", QPushButton(), raising=False)
    assert algorithm("setup").createCustomParametersWidget().runAsBatchButton.isHidden()


def test_each_algorithm_has_a_name_and_an_icon_of_its_own():
    names = [algorithm(name).displayName() for name in PARAMETERS]
    icons = [algorithm(name).svgIconPath() for name in PARAMETERS]
    assert len({*names}) == len({*icons}) == len(PARAMETERS)
    groups = {algorithm(name).groupId(): algorithm(name).group() for name in PARAMETERS}
    assert groups == {
        "train": "Train",
        "map": "Map",
        "check": "Check",
        "models": "Models",
        "setup": "Set-up",
    }


def test_only_training_can_use_all_devices():
    for name in ("train", "traindataset"):
        assert definitions(name)["DEVICE"].options()[-1] == "all"
    for name in ("segment", "segmentfolder", "predictfolder"):
        assert "all" not in definitions(name)["DEVICE"].options()


def test_automatic_is_an_empty_number_whose_help_says_what_it_will_be():
    tiles = ("import", "TILE_SIZE")  # a model from elsewhere has tiles of a known size
    automatic = {"EPOCHS", "TILE_SIZE", "OVERLAP", "THRESHOLD", "WORKERS", "CORES"}
    for name in PARAMETERS:
        for key, definition in definitions(name).items():
            assert "automatic)" not in definition.description(), key
            if key in automatic and (name, key) != tiles:
                assert definition.flags() & OPTIONAL and definition.defaultValue() is None
                assert "Automatic:" in definition.help()


@pytest.mark.parametrize("name", ["train", "traindataset"])
def test_training_has_ten_parameters_in_sight_and_thirteen_under_advanced(name):
    shown = [d for d in definitions(name).values() if not d.flags() & HIDDEN]
    advanced = [d for d in shown if d.flags() & ADVANCED]
    assert len(advanced) <= 13 and len(shown) - len(advanced) <= 10
    required = {key for key, d in definitions(name).items() if not d.flags() & OPTIONAL}
    data = {"IMAGE", "LABELS"} if name == "train" else {"DATASET"}
    assert data | {"OUTPUT"} < required


def test_every_setting_of_a_training_is_a_parameter_or_part_of_the_recipe():
    parameters = {key.lower() for name in ("train", "traindataset") for key in definitions(name)}
    for field in fields(TrainJob()):
        assert (field.name in parameters) != (field.name in RECIPE_FIELDS), field.name
    assert "" not in recipe_groups()
    for name, declared in RECIPE_FIELDS.items():
        assert declared.label and declared.help, name


def test_the_licence_of_the_weights_is_in_the_help():
    assert "non-commercial" in recipe_groups()["Start"]["pretrained"].help


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
