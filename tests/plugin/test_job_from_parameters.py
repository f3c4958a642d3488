"""Parameters of Processing become jobs of the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.jobs import SegmentJob, TrainJob
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsMultiBandColorRenderer,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from dualstream_qgis.algorithms.parameter_values import absolute_path
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.segment_folder import SegmentFolderAlgorithm
from dualstream_qgis.algorithms.suggest import SuggestAlgorithm
from dualstream_qgis.algorithms.train import TrainAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from tests.plugin.calls import check_parameters, job
from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster

pytestmark = pytest.mark.usefixtures("processing_ready")

UTM = QgsCoordinateReferenceSystem("EPSG:32632")


@pytest.fixture
def raster(tmp_path):
    def make(name: str) -> str:
        return write_raster(tmp_path / name)

    return make


def polygons(count=3):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32632&field=kind:string", "fields", "memory")
    features = []
    for index in range(count):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([f"class {index}"])
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(index, 0, index + 1, 1)))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def saved(layer, path, name=""):
    options = QgsVectorFileWriter.SaveVectorOptions()
    if name:
        options.layerName = name
        if path.exists():
            options.actionOnExistingFile = QgsVectorFileWriter.CreateOrOverwriteLayer
    transform = QgsProject.instance().transformContext()
    QgsVectorFileWriter.writeAsVectorFormatV2(layer, str(path), transform, options)
    return str(path)


def test_defaults_make_the_default_job(context, tmp_path):
    output = str(tmp_path / "m.safetensors")
    assert job(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": output}, context) == TrainJob(
        dataset="/d", output=output
    )


def test_every_value_reaches_the_job(context, raster, tmp_path):
    parameters = {
        "ARCHITECTURE": "smp:Unet:resnet34",
        "ENCODER": "mit-b3",
        "START": str(tmp_path / "donor.safetensors"),
        "IMAGE": raster("image.tif"),
        "AUXILIARY": [raster("b.tif"), raster("a.tif")],
        "LABELS": raster("labels.tif"),
        "CLASS_FIELD": "left over from a layer before",
        "EPOCHS": 3,
        "MINUTES": 2.5,
        "BATCH_SIZE": 0,
        "TILE_SIZE": 96,
        "RECIPE": "learning_rate=0.01 loss=focal+dice resume=no, image_bands=1 auxiliary_bands=2,1; patience=4 "
        "pretrained=nvidia/mit-b3@1234 class_weights=water=3,2=0.5 paste=thick cloud,thin cloud:soft",
        "DEVICE": "all",
        "UNLABELLED": "ignored",
        "IGNORE": "255, clouds",
        "MERGE": "8+10=thin cloud,river+lake=water",
        "OUTPUT": str(tmp_path / "m.safetensors"),
    }
    made = job(TrainAlgorithm, parameters, context)
    lists = {
        "IMAGE": (parameters["IMAGE"],),
        "LABELS": (parameters["LABELS"],),
        "IGNORE": ("255", "clouds"),
        "MERGE": ("8+10=thin cloud", "river+lake=water"),
        "AUXILIARY": tuple(parameters["AUXILIARY"]),
    }
    recipe = {
        "LEARNING_RATE": 0.01,
        "LOSS": "focal+dice",
        "RESUME": False,
        "IMAGE_BANDS": (1,),
        "AUXILIARY_BANDS": (2, 1),
        "PATIENCE": 4,
        "PRETRAINED": "nvidia/mit-b3@1234",
        "CLASS_WEIGHTS": ("water=3", "2=0.5"),
        "PASTE": ("thick cloud", "thin cloud:soft"),
    }
    del parameters["RECIPE"]
    for name, value in {**parameters, **lists, **recipe, "CLASS_FIELD": ""}.items():
        assert getattr(made, name.lower()) == value, name
    with pytest.raises(QgsProcessingException, match="auxiliary_bands must be whole numbers"):
        job(TrainAlgorithm, {**parameters, "RECIPE": "auxiliary_bands=1-3"}, context)


def test_empty_numbers_and_the_numbers_for_automatic_give_the_default_job(context, raster):
    image = raster("i.tif")
    for empty in ({}, {"OVERLAP": -1, "BATCH_SIZE": 0, "THRESHOLD": -1}, {"OVERLAP": None}):
        parameters = {"IMAGE": image, "MODEL": "m.safetensors", **empty}
        assert job(SegmentAlgorithm, parameters, context).overlap == -1
        assert job(SegmentAlgorithm, parameters, context).batch_size == SegmentJob.batch_size
        _, message = check_parameters(SegmentAlgorithm, parameters, context)
        assert "There is no model file" in message
    given = {"IMAGE": image, "LABELS": image, "OUTPUT": "/o.safetensors", "MINUTES": 0}
    for text in ("0", 0):
        given["TILE_SIZE"] = given["EPOCHS"] = text
        assert check_parameters(TrainAlgorithm, given, context) == (True, "")
    assert not check_parameters(TrainAlgorithm, {**given, "EPOCHS": -1}, context)[0]
    assert job(TrainAlgorithm, given, context).tile_size == TrainJob.tile_size


@pytest.mark.parametrize("value", ["3,1", "3; 1", [3, 1], ["3", "1"]])
def test_a_list_may_come_as_text_or_as_values(context, raster, value):
    given = {"IMAGE_BANDS": value, "AUXILIARY_BANDS": value}
    made = job(SegmentFolderAlgorithm, given, context)
    assert made.image_bands == made.auxiliary_bands == (3, 1)
    for wrong in ("1-3", "²", ["x"]):
        with pytest.raises(QgsProcessingException, match="is not a list of band numbers"):
            job(SegmentFolderAlgorithm, {**given, "AUXILIARY_BANDS": wrong}, context)


def test_one_image_several_and_a_folder_are_images_of_a_training(
    context, project, raster, tmp_path
):
    for folder in ("tiles", "empty", "twice"):
        (tmp_path / folder).mkdir()
    one, two, tile = raster("a.tif"), raster("b.tif"), raster("tiles/t.tif")
    raster("twice/t.tif"), raster("twice/t.vrt")
    layer = QgsRasterLayer(two, "two")
    project.addMapLayer(layer)
    folder = str(tmp_path / "tiles")
    given = {"LABELS": one, "OUTPUT": str(tmp_path / "m.safetensors")}
    for value, expected in [
        (one, (one,)),
        ([one], (one,)),
        (layer, (two,)),
        ([one, layer.id(), tile], (one, two, tile)),
        (folder, (folder,)),
        ([folder, two], (folder, two)),
    ]:
        parameters = {**given, "IMAGE": value}
        assert check_parameters(TrainAlgorithm, parameters, context) == (True, ""), value
        assert job(TrainAlgorithm, parameters, context).image == expected, value
    for name, says in [
        ("empty", "empty holds no raster"),
        ("twice", "twice holds two rasters of one name"),
        ("nowhere", "there is no layer and no file"),
    ]:
        parameters = {**given, "IMAGE": [one, str(tmp_path / name)]}
        accepted, message = check_parameters(TrainAlgorithm, parameters, context)
        assert not accepted and says in message


def test_layers_of_the_project_become_paths(context, project, raster):
    path = raster("image.tif")
    layer = QgsRasterLayer(path, "scene")
    project.addMapLayer(layer)
    for value in (layer, layer.id(), "scene", path):
        assert job(SegmentAlgorithm, {"IMAGE": value, "MODEL": "m"}, context).image == path
    made = job(SegmentAlgorithm, {"IMAGE": path, "AUXILIARY": [layer, path]}, context)
    assert made.auxiliary == (path, path)


def test_an_auxiliary_raster_that_is_missing_is_never_dropped(context, raster):
    parameters = {"IMAGE": raster("i.tif"), "AUXILIARY": [raster("a.tif"), "/no/b.tif"]}
    with pytest.raises(QgsProcessingException, match=r"Auxiliary rasters.*/no/b\.tif"):
        job(SegmentAlgorithm, parameters, context)


def test_layers_that_the_engine_cannot_read_are_called_that(context, project, raster, tmp_path):
    image, later, polygons_file = raster("i.tif"), raster("later.tif"), tmp_path / "no.gpkg"
    gdal.FileFromMemBuffer("/vsimem/memory.tif", Path(image).read_bytes())
    says = {
        QgsRasterLayer(
            str(tmp_path / "moved.tif"), "one"
        ): "one cannot be read: its file was moved",
        QgsRasterLayer(later, "later"): "later cannot be read: its file was moved",
        QgsRasterLayer("/vsimem/memory.tif", "copy"): "copy is only in the memory of QGIS",
        QgsVectorLayer(str(polygons_file), "fields", "ogr"): "fields cannot be read",
    }
    Path(later).unlink()
    for layer, sentence in says.items():
        project.addMapLayer(layer)
        for name, value in (("LABELS", layer.id()), ("IMAGE", [image, layer.id()])):
            parameters = {
                "IMAGE": image,
                "LABELS": image,
                "OUTPUT": str(tmp_path / "m.safetensors"),
            }
            accepted, message = check_parameters(
                TrainAlgorithm, {**parameters, name: value}, context
            )
            assert not accepted and sentence in message, message
    area = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    accepted, message = check_parameters(TrainAlgorithm, {**parameters, "AREA": area}, context)
    assert not accepted and "fields cannot be read" in message


def test_a_layer_of_a_web_service_needs_an_extent_and_is_no_auxiliary_raster(
    context, project, raster
):
    uri = "type=xyz&url=file:///nowhere/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=2&zmin=0"
    layer = QgsRasterLayer(uri, "Basemap", "wms")
    project.addMapLayer(layer)
    with pytest.raises(QgsProcessingException, match=r"Basemap is a map of the web.*Extent"):
        job(SegmentAlgorithm, {"IMAGE": layer}, context)
    given = {"IMAGE": raster("i.tif"), "AUXILIARY": [layer]}
    with pytest.raises(QgsProcessingException, match=r"Basemap comes from a service.*GeoTIFF"):
        job(SegmentAlgorithm, given, context)


def test_polygons_in_a_file_keep_their_path(context, raster, tmp_path):
    path = saved(polygons(), tmp_path / "fields.gpkg")
    made = job(
        TrainAlgorithm,
        {"IMAGE": raster("i.tif"), "LABELS": path, "CLASS_FIELD": "kind"},
        context,
    )
    assert (made.labels, made.class_field) == ((path,), "kind")


def test_corrections_are_rasters_polygons_and_folders(context, project, raster, tmp_path):
    mask, folder = raster("mask.tif"), tmp_path / "masks"
    folder.mkdir()
    squares = polygons()
    project.addMapLayer(squares)
    path = saved(polygons(), tmp_path / "footprints.gpkg")
    parameters = {"CORRECTIONS": [mask, path, str(folder)], "CHECKED": [squares.id()]}
    made = job(TrainAlgorithm, parameters, context)
    assert made.corrections == (mask, path, str(folder))
    assert [count(path) for path in made.checked] == [3]
    single = job(TrainAlgorithm, {"CORRECTIONS": mask, "CHECKED": path}, context)
    assert (single.corrections, single.checked) == ((mask,), (path,))


def test_corrections_and_their_squares_belong_together(context, raster, tmp_path):
    parameters = {
        "IMAGE": raster("i.tif"),
        "LABELS": raster("l.tif"),
        "OUTPUT": str(tmp_path / "m.safetensors"),
        "CORRECTIONS": [raster("c.tif")],
    }
    algorithm = TrainAlgorithm()
    algorithm.initAlgorithm()
    assert "belong together" in algorithm.validation_error(parameters, context)
    parameters["CHECKED"] = saved(polygons(), tmp_path / "s.gpkg")
    assert not algorithm.validation_error(parameters, context)


def count(path):
    return QgsVectorLayer(path, "x").featureCount()


def test_memory_layers_filters_and_selections_are_respected(context, project, tmp_path):
    memory = polygons()
    project.addMapLayer(memory)
    made = job(TrainAlgorithm, {"LABELS": memory}, context)
    assert made.labels[0].endswith(".gpkg")
    assert count(made.labels[0]) == 3

    filtered = QgsVectorLayer(saved(polygons(), tmp_path / "f.gpkg"), "filtered")
    filtered.setSubsetString("kind = 'class 1'")
    project.addMapLayer(filtered)
    assert count(job(TrainAlgorithm, {"LABELS": filtered.id()}, context).labels[0]) == 1

    memory.selectByIds([1, 2])
    area = QgsProcessingFeatureSourceDefinition(memory.id(), True)
    assert count(job(TrainAlgorithm, {"AREA": area}, context).area) == 2


@pytest.mark.parametrize("kind", ["Point", "LineString", "MultiPoint", "MultiLineString"])
def test_points_and_lines_are_labels_and_corrections(context, project, kind):
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:32632&field=kind:string", "marks", "memory")
    feature = QgsFeature(layer.fields())
    wkt = "Point(1 1)" if "Point" in kind else "LineString(1 1, 2 2)"
    geometry = QgsGeometry.fromWkt(wkt)
    if "Multi" in kind:
        geometry.convertToMultiType()
    feature.setGeometry(geometry)
    layer.dataProvider().addFeatures([feature])
    project.addMapLayer(layer)
    made = job(TrainAlgorithm, {"LABELS": layer.id(), "CORRECTIONS": [layer.id()]}, context)
    assert count(made.labels[0]) == count(made.corrections[0]) == 1
    assert job(SuggestAlgorithm, {"LABELS": layer.id(), "POINT_RADIUS": 3}, context).labels


def test_one_of_several_layers_in_a_file_is_exported(context, project, tmp_path):
    saved(polygons(5), tmp_path / "many.gpkg", "other")
    path = saved(polygons(2), tmp_path / "many.gpkg", "many")
    layer = QgsVectorLayer(f"{path}|layername=many", "many")
    project.addMapLayer(layer)
    made = job(TrainAlgorithm, {"LABELS": layer}, context)
    assert made.labels != (path,)
    assert count(made.labels[0]) == 2


def test_the_extent_keeps_its_coordinate_system(context):
    box = QgsReferencedRectangle(
        QgsRectangle(9, 45, 9.5, 45.5), QgsCoordinateReferenceSystem("EPSG:4326")
    )
    for value in (box, "9,9.5,45,45.5 [EPSG:4326]"):
        made = job(SegmentAlgorithm, {"EXTENT": value}, context)
        assert made.extent == (9, 45, 9.5, 45.5)
        assert made.extent_crs == "EPSG:4326"


def test_an_extent_without_one_has_the_projects_or_the_images(context, project):
    project.setCrs(UTM)
    made = job(SegmentAlgorithm, {"EXTENT": "1,2,3,4"}, context)
    assert (made.extent, made.extent_crs) == ((1, 3, 2, 4), "EPSG:32632")
    made = job(SegmentAlgorithm, {"EXTENT": "1,2,3,4"}, QgsProcessingContext())
    assert made.extent_crs == ""
    assert job(SegmentAlgorithm, {}, context) == SegmentJob()


# Refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"TILE_SIZE": 100}, "100 px is not a multiple of 32: 96 px is"),
        ({"RECIPE": "lerning_rate=1"}, "no field 'lerning_rate'; do you mean learning_rate"),
        (
            {"RECIPE": "schedule=linear"},
            "schedule must be automatic, cosine, annealing, plateau or step",
        ),
        ({"RECIPE": "epochs=3"}, "epochs is not a field of the recipe"),
        ({"START": "/no.safetensors"}, "There is no model file"),
        ({"OUTPUT": "TEMPORARY_OUTPUT"}, "Choose where to save the model: a file"),
        ({"OUTPUT": ""}, "Choose where to save the model"),
        ({"DATASET": ""}, "Nothing to learn from yet: give Data set"),
        ({"FOLDS": 5}, "ends in .json, such as o.json, not /o.safetensors"),
    ],
)
def test_invalid_parameters_of_training_are_refused(context, parameters, sentence):
    given = {"DATASET": "/d", "OUTPUT": "/o.safetensors", **parameters}
    accepted, message = check_parameters(TrainDataSetAlgorithm, given, context)
    assert not accepted
    assert sentence in message


def test_image_and_labels_are_required(context, raster):
    given = {"IMAGE": raster("i.tif"), "LABELS": raster("l.tif"), "OUTPUT": "/o.safetensors"}
    assert check_parameters(TrainAlgorithm, given, context) == (True, "")
    for name, label in (("IMAGE", "Image, or several"), ("LABELS", "Labels")):
        without = {key: value for key, value in given.items() if key != name}
        accepted, message = check_parameters(TrainAlgorithm, without, context)
        assert not accepted and label in message


def test_every_value_reaches_the_job_of_segmenting(context, raster, tmp_path):
    one, two = str(tmp_path / "1.safetensors"), str(tmp_path / "2.safetensors")
    made = job(
        SegmentAlgorithm,
        {
            "MODEL": [one, two],
            "IMAGE": raster("i.tif"),
            "COMBINE": "vote",
            "TTA": "d4",
            "THRESHOLD": 0.4,
            "MATCH_RESOLUTION": False,
            "CONFIDENCE": str(tmp_path / "c.tif"),
            "DISAGREEMENT": str(tmp_path / "d.tif"),
            "UNLIKE": str(tmp_path / "u.tif"),
            "OUTPUT": str(tmp_path / "o.tif"),
        },
        context,
    )
    assert made.model == (one, two)
    assert (made.combine, made.tta, made.threshold, made.match_resolution) == (
        "vote",
        "d4",
        0.4,
        False,
    )
    assert made.confidence == str(tmp_path / "c.tif")
    assert made.disagreement == str(tmp_path / "d.tif")
    assert made.unlike == str(tmp_path / "u.tif")
    with pytest.raises(
        QgsProcessingException, match="threshold must be a number above 0 and below 1 .*, not 1"
    ):
        job(SegmentAlgorithm, {"THRESHOLD": 1}, context)


def test_models_may_be_given_as_lists_and_expressions(context, tmp_path):
    one, two = str(tmp_path / "1.safetensors"), str(tmp_path / "2.safetensors")
    for value, expected in [
        (one, (one,)),
        ([one, two], (one, two)),
        ([[one], two], (one, two)),
        (QgsProperty.fromValue(one), (one,)),
        (QgsProperty.fromValue([one, two]), (one, two)),
        (QgsProperty.fromExpression(f"'{one}'"), (one,)),
        ([QgsProperty.fromExpression(f"'{one}'"), two], (one, two)),
        (QgsProperty.fromExpression(f"array('{one}', '{two}')"), (one, two)),
    ]:
        assert job(SegmentAlgorithm, {"MODEL": value}, context).model == expected, value


@pytest.mark.parametrize("runtime", ["openvino", "torch-compile", "onnxruntime-gpu"])
def test_a_runtime_of_an_earlier_version_is_accepted_and_reaches_the_engine(
    runtime, context, raster, tmp_path
):
    """The engine then chooses by itself, and says so."""
    model = tmp_path / "m.safetensors"
    write_model(model)
    parameters = {
        "MODEL": str(model),
        "IMAGE": raster("image.tif"),
        "RUNTIME": runtime,
        "OUTPUT": str(tmp_path / "mask.tif"),
    }
    assert check_parameters(SegmentAlgorithm, parameters, context) == (True, "")
    assert job(SegmentAlgorithm, parameters, context).runtime == runtime
    algorithm = SegmentAlgorithm().create()
    assert algorithm.parameterDefinition("RUNTIME").options() == ["auto", "torch", "onnxruntime"]
    assert not check_parameters(SegmentAlgorithm, {**parameters, "RUNTIME": "abacus"}, context)[0]


def test_invalid_parameters_of_segmenting_are_refused(context, raster, tmp_path):
    image, model = raster("i.tif"), tmp_path / "m.safetensors"
    write_model(model)
    pickle = tmp_path / "m.pth"
    pickle.touch()
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(model.read_bytes()[:-9])
    ensemble_spec = tmp_path / "team.json"
    ensemble_spec.write_text('{"members": ["m.safetensors", "cut.safetensors"]}')
    damaged = tmp_path / "damaged.tif"
    damaged.write_text("not a raster")
    fine = {"IMAGE": image, "MODEL": str(model), "OUTPUT": "TEMPORARY_OUTPUT"}
    assert check_parameters(SegmentAlgorithm, fine, context) == (True, "")
    for change, sentence in [
        ({"MODEL": str(tmp_path / "no.safetensors")}, "There is no model file"),
        ({"MODEL": str(pickle)}, "is not a model file"),
        ({"MODEL": QgsProperty.fromValue(str(pickle))}, "is not a model file"),
        ({"MODEL": str(cut)}, "cut.safetensors is no"),
        ({"MODEL": str(ensemble_spec)}, "cut.safetensors is no"),
        ({"MODEL": f'"{model}" "{model}"'}, "is named twice"),
        ({"OUTPUT": "/o.tif", "CONFIDENCE": "/o.tif"}, "same file"),
        ({"DISAGREEMENT": "/d.tif", "CONFIDENCE": "/d.tif"}, "same file"),
        ({"DISAGREEMENT": "/d.tif"}, "compares models: give several"),
        ({"UNLIKE": "/d.tif", "CONFIDENCE": "/d.tif"}, "same file"),
        ({"UNLIKE": "/d.tif"}, "m.safetensors keeps no summary of its training land: train it"),
        ({"IMAGE": str(damaged)}, "cannot be opened as a raster"),
        ({"AUXILIARY": [image, str(damaged)]}, "cannot be opened as a raster"),
    ]:
        accepted, message = check_parameters(SegmentAlgorithm, {**fine, **change}, context)
        assert not accepted
        assert sentence in message


def test_the_table_of_classes_becomes_names_and_colours(context, raster):
    parameters = {
        "IMAGE": raster("i.tif"),
        "LABELS": raster("l.tif"),
        "CLASS_NAMES": ["0", "land", "", "1", "water", "#0072b2", "", "", ""],
    }
    made = job(TrainAlgorithm, parameters, context)
    assert made.class_names == ("0=land", "1=water=#0072b2")
    parameters["CLASS_NAMES"] = "0,land,,1,water,#0072b2"  # as qgis_process hands it over
    assert job(TrainAlgorithm, parameters, context).class_names == made.class_names


def test_relative_paths_start_at_the_working_directory(context, raster, tmp_path, monkeypatch):
    folder = tmp_path / "Übung 1"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert absolute_path("m.safetensors") == str(folder / "m.safetensors")
    assert absolute_path("a.gpkg|layername=x") == str(folder / "a.gpkg") + "|layername=x"
    for name in (
        "",
        "/vsizip/a.zip/b.tif",
        'NETCDF:"a.nc":no2',
        "nvidia/mit-b1@123",
        "imagenet",
        "/a/b.tif",
    ):
        assert absolute_path(name) == name
    made = job(SegmentAlgorithm, {"IMAGE": raster("i.tif"), "MODEL": "m.safetensors"}, context)
    assert made.model == (str(folder / "m.safetensors"),)


def test_pictures_have_the_colours_of_the_image_s_layer(context, project, raster, tmp_path):
    bands = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "four.tif"), 8, 8, 4)
    del bands
    layer = QgsRasterLayer(str(tmp_path / "four.tif"), "four")
    layer.setRenderer(QgsMultiBandColorRenderer(layer.dataProvider(), 4, 3, 2))
    project.addMapLayer(layer)
    grey = QgsRasterLayer(raster("grey.tif"), "grey")
    project.addMapLayer(grey)

    def shown(image, recipe=""):
        values = {"IMAGE": [image], "LABELS": grey.id(), "RECIPE": recipe}
        trains = TrainAlgorithm().create()
        output = {"OUTPUT": str(tmp_path / "m.safetensors")}
        assert trains.prepareAlgorithm({**values, **output}, context, QgsProcessingFeedback())
        return trains._job.picture_bands

    assert shown(layer.id()) == (4, 3, 2)
    assert shown(layer.id(), "picture_bands=1,2,3") == (1, 2, 3)
    assert shown(grey.id()) == ()
