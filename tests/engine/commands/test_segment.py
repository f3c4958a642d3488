"""A mask has the image's grid, no seams, nodata where the image has none, and says where it is from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine

from engine.commands.segment import segment
from engine.contract.card_reader import read_card
from engine.contract.class_table import from_records
from engine.contract.errors import EngineError, JobError, ModelFileError, RasterError
from engine.contract.jobs import SegmentJob
from engine.contract.protocol import Progress, Warned
from engine.models.logits import predicted_classes
from engine.models.model_file import load_model
from tests.engine.synthetic import UTM_GRID, read_band

AUXILIARY_GRID = Affine(0.01, 0, 86.98, 0, -0.01, 27.6)


@pytest.fixture
def scene(write_raster) -> dict[str, Any]:
    """A 4-band image of 150 x 200 px and a coarse auxiliary raster in degrees."""
    noise = np.random.default_rng(0)
    image = noise.integers(1, 3000, (4, 150, 200)).astype(np.uint16)
    image[:, 20:40, 30:60] = 0
    coarse = noise.random((2, 10, 10)).astype(np.float32)
    return {
        "image": write_raster("image.tif", image, nodata=0),
        "auxiliary": (
            write_raster("coarse.tif", coarse, crs="EPSG:4326", transform=AUXILIARY_GRID),
        ),
    }


def test_the_whole_way(scene, make_model, events, tmp_path) -> None:
    job = SegmentJob(
        model=(make_model(),),
        output=str(tmp_path / "mask.tif"),
        confidence=str(tmp_path / "confidence.tif"),
        overlap=16,
        **scene,
    )
    done = segment(job, events)
    mask, confidence = read_band(job.output), read_band(job.confidence)
    hole = np.zeros((150, 200), bool)
    hole[20:40, 30:60] = True
    assert ((mask == 255) == hole).all() and ((confidence == 255) == hole).all()
    assert set(np.unique(mask[~hole])) <= {0, 1}
    assert (50 <= confidence[~hole]).all() and (confidence[~hole] <= 100).all()
    with rasterio.open(job.output) as file, rasterio.open(job.image) as image:
        assert file.transform == image.transform and file.crs == image.crs
        tags = file.tags()
    assert json.loads(tags["DUALSTREAM_JOB"])["segment"]["overlap"] == 16
    assert from_records(json.loads(tags["DUALSTREAM_CLASSES"])) == read_card(job.model[0]).classes
    assert len(tags["DUALSTREAM_MODEL_SHA256"]) == 64
    assert done.outputs["tiles"] == 3 * 4 and done.outputs["seconds"] > 0
    (values, counts), known = np.unique(mask[~hole], return_counts=True), 150 * 200 - 600
    names = {entry.value: entry.name for entry in read_card(job.model[0]).classes}
    for value, count in zip(values, counts, strict=True):
        assert done.outputs["areas_m2"][names[value]] == pytest.approx(100 * count)
        assert f"{names[value]} {100 * count / known:.3g} % (" in done.message
    assert " ha). It took " in done.message and " a second." in done.message
    progress = events.of(Progress)
    shares = [event.fraction for event in progress]
    assert shares == sorted(shares) and shares[-1] == 1
    steps = [event.message for event in progress]
    assert steps[:2] == [f"Loading {Path(job.model[0]).name}", "Reading the first tiles"]


def test_one_tile_equals_the_network(write_raster, make_model, events, tmp_path) -> None:
    image = np.random.default_rng(1).integers(1, 3000, (4, 64, 64)).astype(np.uint16)
    job = SegmentJob(
        model=(make_model(auxiliary=0, classes=("a", "b", "c")),),
        image=write_raster("i.tif", image),
        output=str(tmp_path / "m.tif"),
        overlap=0,
    )
    segment(job, events)
    model, _ = load_model(job.model[0])
    with torch.inference_mode():
        logits = model(torch.from_numpy(image.astype(np.float32))[None])["logits"]
    assert (read_band(job.output) == predicted_classes(logits)[0].numpy()).all()


@pytest.fixture
def stack_bands(write_raster, tmp_path) -> Callable[..., str]:
    """``stack_bands(name, (H, W) arrays, ...)``: a virtual raster of one file a band, each of its own type."""
    kinds = {"uint8": "Byte", "uint16": "UInt16", "float32": "Float32"}

    def stack(name: str, *bands: np.ndarray, **profile: Any) -> str:
        text, (height, width) = "", bands[0].shape
        for number, band in enumerate(bands, 1):
            path = write_raster(f"{name}{number}.tif", band, **profile)
            kind = kinds[str(band.dtype)]
            text += (
                f'<VRTRasterBand dataType="{kind}" band="{number}"><SimpleSource><SourceFilename>{path}'
                "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
            )
        with rasterio.open(path) as file:
            numbers = ",".join(map(str, file.transform.to_gdal()))
            head = f"<SRS>{file.crs.to_string()}</SRS><GeoTransform>{numbers}</GeoTransform>"
        stacked = tmp_path / f"{name}.vrt"
        stacked.write_text(
            f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{head}{text}</VRTDataset>'
        )
        return str(stacked)

    return stack


def test_virtual_rasters_of_bands_of_several_types_are_read(
    write_raster, stack_bands, make_model, events, tmp_path
) -> None:
    """What *Build virtual raster* makes of a photo and an index: rasterio reads one type at a time."""
    noise, types = np.random.default_rng(0), ("uint16", "float32", "uint8", "float32")
    image = [noise.integers(1, 3000, (150, 200)).astype(kind) for kind in types]
    coarse = [noise.integers(1, 250, (10, 10)).astype(kind) for kind in types[1:3]]
    place = {"crs": "EPSG:4326", "transform": AUXILIARY_GRID}
    inputs = {
        "mixed": (stack_bands("i", *image), stack_bands("a", *coarse, **place)),
        "alike": (
            write_raster("i.tif", np.stack(image)),
            write_raster("a.tif", np.stack(coarse), **place),
        ),
    }
    model, masks = make_model(), {}
    for name, (path, auxiliary) in inputs.items():
        output = str(tmp_path / f"{name}_mask.tif")
        job = SegmentJob(model=(model,), image=path, auxiliary=(auxiliary,), output=output)
        segment(job, events)
        masks[name] = read_band(output)
    assert (masks["mixed"] == masks["alike"]).all() and len(np.unique(masks["mixed"])) == 2


@pytest.mark.usefixtures("whole_tile_networks")
@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_the_batch_size_does_not_change_the_mask(
    scene, make_model, events, tmp_path, batch_size
) -> None:
    model = make_model()
    masks = []
    for size in (2, batch_size):
        output = str(tmp_path / f"{size}.tif")
        segment(
            SegmentJob(model=(model,), output=output, batch_size=size, overlap=16, **scene), events
        )
        masks.append(read_band(output))
    # Sums over other batch sizes may round differently: single pixels on the border may tip.
    assert (masks[0] != masks[1]).mean() < 1e-3


@pytest.mark.usefixtures("whole_tile_networks")
def test_an_extent_cuts_the_same_pixels_out(scene, make_model, events, tmp_path) -> None:
    x, y = UTM_GRID @ (90, 60)
    job = SegmentJob(
        model=(make_model(),),
        output=str(tmp_path / "part.tif"),
        overlap=16,
        extent=(x, y - 300, x + 400, y),
        extent_crs="EPSG:32645",
        **scene,
    )
    segment(job, events)
    with rasterio.open(job.output) as file:
        assert (file.height, file.width) == (30, 40)
        assert file.transform == UTM_GRID @ Affine.translation(90, 60)


@pytest.mark.usefixtures("whole_tile_networks")
def test_the_image_alone_is_a_defined_case_that_must_be_confirmed(
    scene, make_model, events, tmp_path
) -> None:
    model, output = make_model(), tmp_path / "m.tif"
    job = SegmentJob(model=(model,), image=scene["image"], output=str(output), overlap=16)
    says = (
        r"trained with 2 auxiliary bands, .* confirm \"Without the second stream\" \(image_alone\)"
    )
    with pytest.raises(ModelFileError, match=says):
        segment(job, events)
    assert not output.exists()
    segment(replace(job, image_alone=True), events)
    assert any("image alone" in text for text in events.messages(Warned))
    assert (read_band(job.output) != 255).sum() == 150 * 200 - 20 * 30


@pytest.mark.usefixtures("whole_tile_networks")
@pytest.mark.parametrize("shape", [(1, 1), (5, 70), (70, 5), (64, 64)])
def test_images_smaller_than_a_tile(write_raster, make_model, events, tmp_path, shape) -> None:
    image = write_raster("i.tif", np.full((4, *shape), 9, np.uint16))
    job = SegmentJob(
        model=(make_model(auxiliary=0),), image=image, output=str(tmp_path / "m.tif"), overlap=16
    )
    segment(job, events)
    assert read_band(job.output).shape == shape and (read_band(job.output) != 255).all()


@pytest.mark.usefixtures("whole_tile_networks")
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    scene, write_raster, make_model, events, tmp_path
) -> None:
    model, output = make_model(), str(tmp_path / "out" / "m.tif")

    def refuse(kind: type[EngineError], says: str, **changes: Any) -> None:
        fields = {"model": (model,), "output": output, "overlap": 16, **scene, **changes}
        with pytest.raises(kind, match=says):
            segment(SegmentJob(**fields), events)

    refuse(JobError, "model is missing", model=())
    refuse(
        JobError,
        r"batch_size must be a whole number from 1 to 65536 \(0: automatic\), not -1",
        batch_size=-1,
    )
    refuse(
        JobError, "half of what a tile of the model spans, 32 px of the image, not 33", overlap=33
    )
    refuse(JobError, r"must end in \.tif", output=str(tmp_path / "m.png"))
    refuse(JobError, "is also an input", output=scene["image"])
    refuse(JobError, "need different names", confidence=output)
    refuse(RasterError, "no such file", image=str(tmp_path / "nowhere.tif"))
    three = write_raster("three.tif", np.zeros((3, 64, 64), np.uint16))
    refuse(ModelFileError, "trained on 4 image band.* has 3", image=three)
    refuse(ModelFileError, "trained on 2 auxiliary", auxiliary=(*scene["auxiliary"],) * 2)
    alone = make_model(auxiliary=0, name="alone.safetensors")
    refuse(ModelFileError, "trained on no auxiliary rasters", model=(alone,))
    refuse(RasterError, "outside the image", extent=(0.0, 0.0, 1.0, 1.0))
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("whole_tile_networks")
def test_a_damaged_image_leaves_no_half_mask(data, make_model, events, tmp_path) -> None:
    out = tmp_path / "out"
    job = SegmentJob(
        model=(make_model(bands=3, auxiliary=0),),
        image=str(data("odd/rasterio+rasterio__corrupt.tif")),
        output=str(out / "m.tif"),
        overlap=16,
    )
    with pytest.raises(RasterError, match="damaged"):
        segment(job, events)
    assert not out.exists()


@pytest.mark.usefixtures("whole_tile_networks")
def test_every_odd_raster_is_segmented_or_refused_in_one_sentence(
    data, make_model, events, tmp_path
) -> None:
    models = {
        bands: make_model(bands, 0, tile=256, name=f"{bands}.safetensors") for bands in (1, 2, 3, 9)
    }
    paths = sorted(p for p in data("odd").iterdir() if p.suffix in (".tif", ".tiff"))
    assert len(paths) > 15
    for path in paths:
        output = tmp_path / "out.tif"
        try:
            with rasterio.open(path) as file:
                alpha = sum(kind.name == "alpha" for kind in file.colorinterp)
                model, shape = models[file.count - alpha], file.shape
            segment(
                SegmentJob(model=(model,), image=str(path), output=str(output), overlap=0), events
            )
            assert read_band(str(output)).shape == shape
        except EngineError as error:
            assert path.name in str(error) and str(error).endswith(".") and "\n" not in str(error)
