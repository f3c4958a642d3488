"""Files that are unsafe to open are refused in one sentence: pipes, smuggled addresses, impossible sizes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rasterio.crs import CRS

from engine.commands.predict_folder import predict_folder
from engine.commands.segment import segment
from engine.commands.segment_folder import segment_folder
from engine.contract.card_reader import read_card
from engine.contract.ensemble_file import read_ensemble
from engine.contract.errors import EngineError, RasterError
from engine.contract.job_json import read_job
from engine.contract.jobs import PredictFolderJob, SegmentFolderJob, SegmentJob
from engine.contract.output_files import check_writable
from engine.contract.protocol import Warned
from engine.datasets.label_source import LabelOptions
from engine.datasets.labels import open_labels
from engine.datasets.scene_tables import scenes_to_segment_from_table
from engine.datasets.vector_files import is_vector, read_polygons
from engine.outputs.mask_reader import ClassMask
from engine.rasters.alignment import AlignedRasters
from engine.rasters.grid import Grid
from engine.rasters.raster import Raster
from engine.rasters.source_files import source_state
from engine.rasters.windows import Window
from tests.engine.synthetic import UTM, UTM_GRID

ROOT = Path(__file__).resolve().parents[3]

#: Names that no file can have, and a part of the error message.
IMPOSSIBLE = (
    ("n" * 300 + ".tif", "longer than this system allows"),
    ("/".join(["n" * 200] * 30) + ".tif", "longer than this system allows"),
    ("a\0b.tif", "holds the character NUL"),
    ("a\ud800b.tif", "not valid UTF-8"),
    ("a\udcffb.tif", "not valid UTF-8"),
)


@pytest.fixture
def image(write_raster: Callable[..., str]) -> str:
    return write_raster("image.tif", np.full((64, 64), 7, np.uint16))


@pytest.fixture
def write_vrt(tmp_path: Path) -> Callable[..., str]:
    """``write_vrt(name, *sources, size=(64, 64), ...)``: a virtual raster with any sources."""

    def write(
        name: str,
        *sources: str,
        size: tuple[int, int] = (64, 64),
        transform: str = "500000, 10, 0, 3050000, 0, -10",
        srs: str = UTM,
        bands: int = 1,
        band_xml: str = ">",
    ) -> str:
        rectangle = '<{} xOff="0" yOff="0" xSize="64" ySize="64"/>'
        rectangles = rectangle.format("SrcRect") + rectangle.format("DstRect")
        sources_xml = "".join(
            f'<SimpleSource><SourceFilename relativeToVRT="1">{escape(source)}</SourceFilename>'
            f"<SourceBand>1</SourceBand>{rectangles}</SimpleSource>"
            for source in sources
        )
        bands_xml = "".join(
            f'<VRTRasterBand dataType="UInt16" band="{number}"{band_xml}{sources_xml}</VRTRasterBand>'
            for number in range(1, bands + 1)
        )
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f'<VRTDataset rasterXSize="{size[0]}" rasterYSize="{size[1]}"><SRS>{srs}</SRS>'
            f"<GeoTransform>{transform}</GeoTransform>{bands_xml}</VRTDataset>"
        )
        return str(path)

    return write


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A web server in a process of its own, as GDAL holds the GIL while it waits.

    It has ``url``, ``folder`` and ``requests()``, which returns the requests since its last call.
    """
    folder, log = tmp_path_factory.mktemp("web"), tmp_path_factory.mktemp("log") / "requests"
    log.touch()
    program = (
        "import functools, http.server, sys\n"
        "class Handler(http.server.SimpleHTTPRequestHandler):\n"
        "    def log_message(self, *_):\n"
        "        with open(sys.argv[2], 'a') as log: log.write(f'{self.command} {self.path}\\n')\n"
        "handler = functools.partial(Handler, directory=sys.argv[1])\n"
        "server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)\n"
        "print(server.server_address[1], flush=True)\n"
        "server.serve_forever()\n"
    )
    command = [sys.executable, "-c", program, str(folder), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())

        def requests() -> list[str]:
            lines = log.read_text().splitlines()
            log.write_text("")
            return lines

        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", folder=folder, requests=requests)
        child.kill()


def grid() -> Grid:
    return Grid(64, 64, UTM_GRID, CRS.from_string(UTM))


def in_every_role(path: str) -> list[Callable[[], object]]:
    """Opens a raster as image, auxiliary raster, labels and mask."""
    return [
        lambda: Raster(path),
        lambda: AlignedRasters([path], grid()),
        lambda: open_labels(path, grid(), LabelOptions()),
        lambda: ClassMask(path),
    ]


def assert_refused(attempts: list[Callable[[], object]], words: str) -> None:
    """Each attempt fails within a second of processor time with a printable message in one line that matches ``words``."""
    for attempt in attempts:
        begun = time.process_time()
        with pytest.raises(EngineError, match=words) as caught:
            attempt()
        assert time.process_time() - begun < 1 and "\n" not in str(caught.value)
        str(caught.value).encode("utf-8")


# Names and types of files -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"), IMPOSSIBLE, ids=["name", "path", "NUL", "surrogate", "bytes"]
)
def test_a_name_that_no_file_can_have_is_refused(name: str, words: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    assert_refused(in_every_role(path), words)
    assert_refused([lambda: check_writable(path), lambda: read_card(path)], words)
    assert_refused([lambda: read_polygons(f"{path}.gpkg", grid())], words)
    # Python opens names of any bytes, and on Windows names of any UTF-16.
    if not {"\udcff", "\ud800" if sys.platform == "win32" else ""} & set(name):
        assert_refused([lambda: read_job(SegmentJob, path)], words)
        assert_refused([lambda: read_ensemble([f"{path}.json"], "automatic")], words)
        assert_refused([lambda: scenes_to_segment_from_table(Path(path))], words)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
def test_pipes_devices_and_sockets_are_refused_without_waiting(
    tmp_path: Path, write_vrt: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe.tif"
    os.mkfifo(pipe)
    assert_refused(in_every_role(str(pipe)), "named pipe")
    assert_refused(
        in_every_role(write_vrt("of_pipe.vrt", "pipe.tif")),
        r"pipe\.tif, which .* names, .* named pipe",
    )
    assert_refused([lambda: Raster(f"GTIFF_DIR:1:{pipe}")], "named pipe")
    assert_refused(
        [lambda: Raster(f"/vsizip/{pipe}/a.tif"), lambda: Raster("/vsistdin/")], "pipe|device"
    )
    assert_refused([lambda: Raster("/dev/zero")], "a device")
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as unix_socket:
        unix_socket.bind("s.tif")
        assert_refused(in_every_role("s.tif"), "a socket")
    for name in ("m.safetensors", "e.json", "t.csv", "area.gpkg"):
        os.mkfifo(name)
    others = [
        lambda: read_card("m.safetensors"),
        lambda: read_job(SegmentJob, "e.json"),
        lambda: read_ensemble(["e.json"], "automatic"),
        lambda: scenes_to_segment_from_table(Path("t.csv")),
        lambda: read_polygons("area.gpkg", grid()),
    ]
    assert_refused(others, "named pipe")
    assert_refused([lambda: check_writable("pipe.tif")], "named pipe.*which no file may replace")
    assert pipe.is_fifo()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    others = [lambda: read_job(SegmentJob, str(tmp_path)), lambda: read_card(tmp_path)]
    assert_refused([*in_every_role(str(tmp_path)), *others], "it is a folder")


def test_a_scene_whose_name_is_impossible_fails_alone(
    image: str, make_model: Callable[..., str], events: Any, tmp_path: Path
) -> None:
    rows = [
        image.encode() + b",good",
        image.encode() + b"," + b"n" * 300,
        image.encode() + b",a\0b",
        image.encode() + b",caf\xe9",
        b"caf\xe9.tif,bytes",
        b"n" * 300 + b".tif,long",
    ]
    table, out = tmp_path / "scenes.csv", tmp_path / "out"
    table.write_bytes(b"image,name\n" + b"\n".join(rows) + b"\n")
    job = SegmentFolderJob(
        model=(make_model(bands=1, auxiliary=0),), scenes=str(table), output_folder=str(out)
    )
    outputs = segment_folder(job, events).outputs
    assert outputs["masks"] == [str(out / "good.tif")]
    summary = (out / "summary.csv").read_text("utf-8")
    assert summary.count("longer than this system allows") == 2
    assert summary.count("the character NUL") == 1 and summary.count("not valid UTF-8") == 2
    assert sorted(path.name for path in out.glob("*.part*")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names of any bytes")
def test_a_picture_whose_name_is_not_utf_8_stops_no_other(
    image: str, make_model: Callable[..., str], events: Any, tmp_path: Path
) -> None:
    folder, out = tmp_path / "folder", tmp_path / "out"
    folder.mkdir()
    for name in (os.fsdecode(b"caf\xe9.tif"), "good.tif", "n" * 250 + ".tif"):
        (folder / name).write_bytes(Path(image).read_bytes())
    model = make_model(bands=1, auxiliary=0)
    job = PredictFolderJob(checkpoint=(model,), dataset=str(folder), output=str(out))
    with pytest.raises(RasterError, match=r"2 of 3 scenes could not be segmented"):
        predict_folder(job, events)
    warnings = "\n".join(events.messages(Warned))
    assert warnings.count("not valid UTF-8") == warnings.count("give a shorter one") == 1
    assert [path.name for path in (out / "results").iterdir()] == ["good.png"]


# Sizes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"size": (2**31 - 1, 2**31 - 1)}, "no raster is so large"),
        ({"size": (2**31 - 1, 64)}, "no raster is so large"),
        ({"size": (64, 2**31 - 1)}, "no raster is so large"),
        ({"transform": "0, 0, 0, 0, 0, 0"}, "pixels without a size"),
        ({"transform": "0, nan, 0, 0, 0, -1"}, "pixels without a size"),
        ({"transform": "0, 1e300, 0, 0, 0, -1e300"}, "pixels without a size"),
        ({"bands": 20_000}, "20000 bands"),
    ],
)
def test_impossible_headers_are_refused(
    header: dict[str, Any], words: str, write_vrt: Callable[..., str]
) -> None:
    assert_refused(in_every_role(write_vrt("a.vrt", **header)), words)


@pytest.mark.parametrize(
    ("size", "words"), [((10**9, 10**9), "too large.*disk"), ((100_000, 64), "too wide.*memory")]
)
def test_a_scene_larger_than_disk_or_memory_is_refused_before_tiling(
    size: tuple[int, int],
    words: str,
    write_vrt: Callable[..., str],
    make_model: Callable[..., str],
    events: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.inference.capacity.free_memory", lambda: 2**20)
    path = write_vrt("large.vrt", size=size)
    job = SegmentJob(
        model=(make_model(bands=1, auxiliary=0),), image=path, output=str(tmp_path / "m.tif")
    )
    with pytest.raises(EngineError, match=words):
        segment(job, events)
    assert not list(tmp_path.glob("m.tif*"))


def test_opening_is_linear_in_bands(write_raster: Callable[..., str]) -> None:
    """Each property of a dataset visits all bands, so none may be read once a band."""
    path = write_raster("bands.tif", np.ones((600, 4, 4), np.uint16))
    Raster(path).close()
    begun = time.process_time()
    with Raster(path) as raster:
        assert raster.bands == 600
    assert time.process_time() - begun < 0.25  # 1.1 s when it was quadratic, 0.01 s now


# Sources and addresses in files -------------------------------------------------------------------


def test_a_missing_source_of_a_nested_vrt_is_named(
    image: str, write_vrt: Callable[..., str], tmp_path: Path
) -> None:
    write_vrt("inner/inner.vrt", "../gone.tif")
    outer = write_vrt("outer.vrt", "image.tif", "inner/inner.vrt")
    assert_refused(
        in_every_role(outer), r"outer\.vrt .*gone\.tif, which .*inner\.vrt names, does not exist"
    )
    assert_refused([lambda: Raster(write_vrt("self.vrt", "self.vrt"))], "a source of itself")
    (tmp_path / "gone.tif").write_bytes(Path(image).read_bytes())
    with Raster(outer) as raster:
        assert (raster.read(Window(0, 0, 2, 2)) == 7).all()


def test_python_in_a_vrt_is_not_run(
    image: str, write_vrt: Callable[..., str], tmp_path: Path
) -> None:
    code = (
        ' subClass="VRTDerivedRasterBand"><PixelFunctionType>f</PixelFunctionType><PixelFunctionLanguage>Python'
        f"</PixelFunctionLanguage><PixelFunctionCode>def f(*a): open('{tmp_path}/run', 'w')</PixelFunctionCode>"
    )
    assert_refused(
        in_every_role(write_vrt("code.vrt", "image.tif", band_xml=code)), "does not run code"
    )
    assert not (tmp_path / "run").exists()


def test_a_virtual_raster_that_gdal_cannot_compute_names_its_reason(
    image: str, write_vrt: Callable[..., str]
) -> None:
    function = ' subClass="VRTDerivedRasterBand"><PixelFunctionType>nosuch</PixelFunctionType>'
    unknown = write_vrt("unknown.vrt", "image.tif", band_xml=function)
    write_vrt("b.vrt", "a.vrt")
    circle = write_vrt("a.vrt", "b.vrt")
    for path, reason in ((unknown, "function 'nosuch' not registered"), (circle, "Recursion")):
        with (
            Raster(path) as raster,
            pytest.raises(RasterError, match=f"{reason}.* Make the virtual raster again"),
        ):
            raster.read(raster.grid.bounds)


SMUGGLED = {
    "file system": "/vsicurl/{}/a.tif",
    "streamed": "/vsicurl_streaming/{}/a.tif",
    "option": "/vsicurl?url={}/a.tif",
    "archive": "/vsizip//vsicurl/{}/a.zip/a.tif",
    "url": "{}/a.tif",
    "driver": 'NETCDF:"{}/a.nc":t',
    "service": "WMTS:{}/a.xml",
    "tiles": "<GDAL_WMS><Service name='TMS'><ServerUrl>{}/${{z}}.png</ServerUrl></Service></GDAL_WMS>",
}


@pytest.mark.parametrize("source", SMUGGLED)
def test_an_address_that_a_vrt_smuggles_in_is_not_asked(
    source: str, server: SimpleNamespace, write_vrt: Callable[..., str]
) -> None:
    path = write_vrt("a.vrt", SMUGGLED[source].format(server.url))
    assert_refused(in_every_role(path), "does not follow addresses that it finds in a file")
    assert server.requests() == []


def test_an_address_in_other_files_is_not_asked_either(
    image: str, server: SimpleNamespace, write_vrt: Callable[..., str], tmp_path: Path
) -> None:
    window = "<UpperLeftX>0</UpperLeftX><UpperLeftY>1</UpperLeftY><LowerRightX>1</LowerRightX><LowerRightY>0</LowerRightY>"
    asset = {"href": f"{server.url}/a.tif", "proj:epsg": 32645, "proj:shape": [64, 64]}
    item = {"type": "Feature", "stac_version": "1.0.0", "collection": "c", "assets": {"a": asset}}
    texts = {
        "tms.xml": f"<GDAL_WMS><Service name='TMS'><ServerUrl>{server.url}/${{z}}/${{x}}/${{y}}.png</ServerUrl></Service>"
        f"<DataWindow>{window}<TileLevel>1</TileLevel></DataWindow><BandsCount>1</BandsCount></GDAL_WMS>",
        "index.gti": f"<GDALTileIndexDataset><IndexDataset>/vsicurl/{server.url}/a.gpkg</IndexDataset></GDALTileIndexDataset>",
        "items.json": json.dumps(
            {"type": "FeatureCollection", "stac_version": "1.0.0", "features": [item]}
        ),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    for path in (str(tmp_path / name) for name in texts):
        roles = in_every_role(path)
        assert_refused(
            roles[:2] if is_vector(path) else roles,
            "does not follow addresses that it finds in a file",
        )
    assert_refused(
        [lambda: Raster(write_vrt("of_tms.vrt", "tms.xml"))], "does not follow addresses"
    )
    assert_refused(
        [lambda: Raster(write_vrt("crs.vrt", "image.tif", srs=f"{server.url}/crs"))],
        "coordinate system is kept",
    )
    Path(f"{image}.aux.xml").write_text(f"<PAMDataset><SRS>{server.url}/crs.wkt</SRS></PAMDataset>")
    assert_refused([lambda: Raster(image)], "does not follow addresses")
    # GDAL opens sidecar files by itself.
    Path(f"{image}.aux.xml").unlink()
    Path(f"{image}.ovr").write_bytes(
        Path(write_vrt("o.vrt", f"/vsicurl/{server.url}/a.tif")).read_bytes()
    )
    with Raster(image) as raster:
        assert (raster.read(Window(0, 0, 2, 2)) == 7).all()
    assert server.requests() == []


def test_sources_are_looked_up_in_each_run_and_may_name_their_producer(
    image: str, write_vrt: Callable[..., str], tmp_path: Path
) -> None:
    """The engine's process serves many runs: the sources of a VRT are looked up in each."""
    path = write_vrt("a.vrt", "image.tif")
    Raster(path).close()
    Path(image).rename(tmp_path / "away.tif")
    assert_refused([lambda: Raster(path)], "image.tif does not exist")
    metadata = "<Dimap_Document><PRODUCER_URL href='http://example.com'/></Dimap_Document>"
    (tmp_path / "dimap.xml").write_text(metadata)
    with pytest.raises(RasterError) as caught:
        Raster(write_vrt("dimap.vrt", "dimap.xml")).read(Window(0, 0, 1, 1))
    assert "does not follow addresses" not in str(caught.value)


def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is simulated: root may read every folder."""
    lstat = os.lstat

    def deny(path: Any, **options: Any) -> os.stat_result:
        if "locked" in str(path):
            raise PermissionError(13, "Permission denied")
        return lstat(path, **options)

    monkeypatch.setattr(os, "lstat", deny)
    roles = in_every_role(str(tmp_path / "locked" / "a.tif"))
    assert_refused(
        [*roles, lambda: read_card(tmp_path / "locked" / "m.safetensors")], "no permission"
    )


def test_a_vrt_may_name_a_coordinate_system_as_the_ogc_does(
    image: str, write_vrt: Callable[..., str]
) -> None:
    srs = "http://www.opengis.net/def/crs/EPSG/0/32645"
    with Raster(write_vrt("ogc.vrt", "image.tif", srs=srs)) as raster:
        assert raster.grid.crs == UTM


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.json",
            '{{"type": "FeatureCollection", "crs": {{"type": "link", "properties": {{"href": "{0}/a.wkt"}}}}, {1}',
        ),
        (
            "a.geojson",
            '{{"type": "FeatureCollection", "crs": {{"type": "name", "properties": {{"name": "{0}/a.wkt"}}}}, {1}',
        ),
        (
            "b.geojson",
            "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{0}/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        ),
        ("a.gml", "<OGRWFSDataSource><URL>{0}/wfs</URL></OGRWFSDataSource>"),
        (
            "a.gdalg.json",
            '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read {0}/a.geojson ! write a"}}',
        ),
    ],
    ids=["link", "name", "OGR VRT", "WFS", "pipeline"],
)
def test_an_address_in_polygons_is_not_asked(
    name: str, text: str, server: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text.format(server.url, FEATURES))
    assert_refused(
        [lambda: read_polygons(str(path), grid())],
        "does not follow addresses that it finds in a file",
    )
    assert server.requests() == []


FEATURES = (
    '"features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": '
    "[[[500000, 3049500], [500600, 3049500], [500600, 3050000], [500000, 3049500]]]}}]}"
)


def test_an_address_that_the_user_gives_is_opened(
    image: str, server: SimpleNamespace, write_vrt: Callable[..., str]
) -> None:
    relative = write_vrt("relative.vrt", "image.tif")
    remote = write_vrt("remote.vrt", f"/vsicurl/{server.url}/image.tif")
    for source in (image, relative, remote):
        (server.folder / Path(source).name).write_bytes(Path(source).read_bytes())
    crs = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32645"}}'
    (server.folder / "a.geojson").write_text(f'{{"type": "FeatureCollection", {crs}, {FEATURES}')
    for prefix, name in (("", "image.tif"), ("/vsicurl/", "image.tif"), ("", "relative.vrt")):
        with Raster(f"{prefix}{server.url}/{name}") as raster:
            assert (raster.read(Window(0, 0, 2, 2)) == 7).all()
    assert len(read_polygons(f"{server.url}/a.geojson", grid())[0]) == 1
    assert server.requests()
    with pytest.raises(RasterError, match="does not follow addresses"):
        Raster(f"{server.url}/remote.vrt")
    server.requests()  # afterwards the network is closed again
    with pytest.raises(RasterError):
        Raster(write_vrt("again.vrt", f"/vsicurl/{server.url}/other.tif"))
    assert server.requests() == []


def test_pyogrio_lists_no_driver_of_a_service() -> None:
    """GDAL lists its drivers when pyogrio is imported, so ``gdal_settings`` must be imported before it."""
    program = (
        "import engine.commands.mask_to_polygons, pyogrio\n"
        "print(*{'HTTP', 'WFS', 'OAPIF', 'GDALG'} & {*pyogrio.list_drivers()})"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == ""


def test_the_state_of_a_file_in_an_archive_is_that_of_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"12345")
    for path in (f"/vsizip/{archive}/in/x.tif", f"/vsitar/{{{archive}}}/x.tif"):
        assert source_state(path) == (5, archive.stat().st_mtime_ns)
    assert source_state("/vsizip//vsicurl/https://a.org/a.zip/x.tif") == (0, 0)
    assert source_state(f"/vsizip/{tmp_path}/none.zip/x.tif") == (0, 0)
