"""Start-up: a run imports what its own network needs, and nothing of what other verbs and networks need.

Each import is of a process of its own, and what is in it is asked of ``sys.modules``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.contract.file_jobs import ImportJob
from tests.engine.onnx_networks import MEAN, STD, class_names, network, write

#: Libraries of training, polygons and the export: nothing of them is needed to segment.
OTHER_VERBS = frozenset(
    ("kornia", "torchmetrics", "sklearn", "onnx", "onnxscript", "shapely", "pyogrio", "matplotlib")
)

#: What brings networks along. Each costs seconds, so none comes before a model asks for it.
NETWORKS = frozenset(("transformers", "segmentation_models_pytorch", "timm", "torchvision"))

#: What the above bring along of their own accord.
BROUGHT = frozenset(("accelerate", "scipy", "torch._dynamo", "triton", "sympy", "huggingface_hub"))

#: Brings a network into the form in which it segments.
FOLD = """from engine.models.inference_form import inference_form
from tests.engine.small_network import SmallNetwork
inference_form(SmallNetwork(3, 1))"""

BUILD = "from engine.models.factory import build_model\n"
DUALSTREAM = 'build_model("dualstream-dformer", encoder="mit-b0", bands=4, auxiliary_bands=3)'
CMX = 'build_model("cmx-b0", bands=3, auxiliary_bands=1)'
UNET = 'build_model("smp:Unet:resnet18", bands=3, auxiliary_bands=0, tile_size=64)'


def loaded(root: Path, names: frozenset[str], *steps: str) -> list[set[str]]:
    """Those of ``names`` that are imported after each of ``steps``, run in turn in a fresh interpreter."""
    asked = f"print(*[name for name in {sorted(names)} if name in sys.modules], flush=True)"
    code = "\n".join(["import sys", *(f"{step}\n{asked}" for step in steps)])
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    return [set(line.split()) for line in answer.stdout.splitlines()]


def test_help_and_wrong_options_answer_without_anything_heavy(root) -> None:
    heavy = NETWORKS | BROUGHT | OTHER_VERBS | {"torch", "numpy", "rasterio"}
    assert loaded(root, heavy, "import engine.__main__") == [set()]


#: What no verb but those that train, export, or run a network by PyTorch imports.
FULL_ENGINE = NETWORKS | {
    "torch",
    "accelerate",
    "huggingface_hub",
    "kornia",
    "onnxscript",
    "torchmetrics",
}

#: What a verb without a network imports only when it must: the libraries of pages, and those of networks.
LATE = FULL_ENGINE | {"matplotlib", "onnx", "onnxruntime", "sklearn", "sympy"}

#: What a verb that maps imports only when it must: the libraries of other verbs, and of arrays that are no NumPy's.
MAPPING = LATE | OTHER_VERBS | {"scipy", "array_api_compat"}


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("commands.info", LATE | {"numpy", "scipy", "rasterio", "shapely", "pyogrio"}),
        ("commands.evaluate", LATE),
        ("commands.mask_to_polygons", LATE | {"jinja2"}),
        (
            "commands.import_model",
            LATE | {"numpy", "scipy", "rasterio", "shapely", "pyogrio", "jinja2"},
        ),
        ("commands.suggest", LATE | {"jinja2"}),
        ("foreign.import_onnx", FULL_ENGINE),
        ("commands.segment", MAPPING | {"jinja2"}),
        ("commands.segment_folder", MAPPING | {"ray"}),
        ("commands.predict_folder", MAPPING | {"jinja2"}),
        ("commands.doctor", LATE | {"scipy", "rasterio", "shapely", "pyogrio", "jinja2"}),
    ],
)
def test_verbs_without_a_network_import_nothing_of_it(root, module, unneeded) -> None:
    assert loaded(root, unneeded, f"import engine.__main__, engine.{module}") == [set()]


def test_a_whole_run_with_a_graph_imports_no_torch(root, tmp_path, write_raster) -> None:
    weights = write(tmp_path / "net.onnx", network())
    image = write_raster("image.tif", np.ones((3, 150, 200), np.uint8))
    model, mask = str(tmp_path / "net.safetensors"), str(tmp_path / "mask.tif")
    made = ImportJob(weights, output=model, class_names=class_names(3), mean=MEAN, std=STD)
    steps = (
        "from engine.commands.import_model import import_model",
        "from engine.contract.file_jobs import ImportJob",
        f"import_model({made!r}, lambda event: None)",
        "from engine.commands.segment import segment",
        "from engine.contract.jobs import SegmentJob",
        f"job = SegmentJob(model=({model!r},), image={image!r}, output={mask!r}, device='cpu')",
        "segment(job, lambda event: None)",
    )
    unneeded = FULL_ENGINE | BROUGHT | {"shapely", "pyogrio", "matplotlib", "jinja2"}
    assert loaded(root, unneeded, "\n".join(steps)) == [set()]
    assert Path(mask).exists()


def test_an_evaluation_draws_with_matplotlib_only_for_a_page(root, tmp_path) -> None:
    mask = tmp_path / "mask.tif"
    run = (
        "import numpy as np, rasterio\n"
        f"with rasterio.open({str(mask)!r}, 'w', driver='GTiff', height=8, width=8, count=1, dtype='uint8',"
        " crs='EPSG:32632', transform=rasterio.Affine(1, 0, 0, 0, -1, 0)) as out:\n"
        "    out.write(np.tile(np.uint8([[1, 2]]), (8, 4)), 1)\n"
        "from engine.commands.evaluate import evaluate\n"
        "from engine.contract.file_jobs import EvaluateJob\n"
        f"job = EvaluateJob(mask={str(mask)!r}, labels={str(mask)!r}, report={{!r}})\n"
        "assert evaluate(job, lambda event: None).outputs['miou'] == 1.0"
    )
    page = tmp_path / "page.html"
    names = frozenset({"torch", "matplotlib"})
    assert loaded(root, names, run.format(""), run.format(str(page))) == [set(), {"matplotlib"}]
    assert page.exists()


def test_segment_imports_only_what_a_network_of_two_streams_needs(root) -> None:
    names = NETWORKS | BROUGHT | OTHER_VERBS | {"torch", "onnxruntime", "engine.models.smp_network"}
    at_first, augmented, folded, *built = loaded(
        root,
        names,
        "import engine.commands.segment, engine.losses.segmentation_loss",
        "import engine.sampling.augmentation",
        FOLD,
        BUILD + DUALSTREAM,
        CMX,
    )
    assert at_first == {"torch"}  # no network before the model is known
    assert augmented == {"torch"}  # kornia and scipy wait for an augmentation that needs them
    assert folded == {"torch"}  # the trial in which batch norms are folded needs no compiler
    # transformers itself imports torchvision, accelerate and scipy (helpers for losses, images and
    # loading that no network here calls) where they are installed; no switch of its prevents that.
    with_transformers = {"torch", "transformers", "torchvision"} | BROUGHT
    assert all(found <= with_transformers for found in built), built


@pytest.mark.slow
def test_networks_of_one_stream_do_not_need_transformers(root) -> None:
    # segmentation-models-pytorch imports timm, torchvision and, through these, torch._dynamo.
    unneeded = OTHER_VERBS | {"transformers", "accelerate", "scipy", "onnxruntime"}
    own = {"engine.models.mix_transformer"}
    assert loaded(root, unneeded | own, f"import engine.commands.segment\n{BUILD}{UNET}") == [set()]


def test_onnx_runtime_reports_nothing_to_its_maker(root) -> None:
    code = "import engine.runtimes, os; print(os.environ.get('ORT_DISABLE_TELEMETRY'))"
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert answer.stdout.strip() == "1", answer.stderr
