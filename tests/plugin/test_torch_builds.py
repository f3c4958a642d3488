"""What is found out about the computer, and the build of PyTorch that follows from it."""

from __future__ import annotations

import sys

import pytest

from dualstream_qgis.installation import computer, torch_builds
from dualstream_qgis.installation.computer import Computer
from dualstream_qgis.installation.torch_builds import AUTOMATIC, ORDINARY, builds_to_try

NVIDIA_SMI = """#!/bin/sh
case "$*" in
    *compute_cap*) echo {capability} ;;
    *) echo "| NVIDIA-SMI 575.57   Driver Version: 575.57   CUDA Version: {cuda} |" ;;
esac
"""


@pytest.fixture
def nvidia_smi(tmp_path):
    """``nvidia_smi(cuda, capability)``: what is found with such a program on the ``PATH``."""

    if sys.platform == "win32":
        pytest.skip("its stand-in for nvidia-smi is a shell script")

    def make(cuda: str, capability: str = "8.6"):
        program = tmp_path / "nvidia-smi"
        program.write_text(NVIDIA_SMI.format(cuda=cuda, capability=capability))
        program.chmod(0o755)
        return computer.nvidia({"PATH": str(tmp_path)})

    return make


@pytest.mark.parametrize(
    ("system", "cuda", "capability", "expected"),
    [
        ("windows", "13.2", "8.6", ["cu132", "cu130", "cu128", "cu126", ORDINARY]),
        ("windows", "12.8", "8.6", ["cu128", "cu126", ORDINARY]),
        ("windows", "13.0", "6.1", ["cu126", ORDINARY]),
        ("windows", "11.8", "8.6", [ORDINARY]),
        ("linux", "13.0", "8.6", [ORDINARY]),
        ("linux", "12.9", "8.6", ["cu128", "cu126", ORDINARY]),
        ("linux", "12.2", "8.6", ["cpu", ORDINARY]),
    ],
)
def test_nvidias_driver_chooses_the_build(nvidia_smi, system, cuda, capability, expected):
    found, compute = nvidia_smi(cuda, capability)
    here = Computer(system, "x86_64", cuda=found, compute_capability=compute)
    assert builds_to_try(AUTOMATIC, here) == expected
    assert cuda in torch_builds.reason(here)


def test_the_weakest_of_several_cards_counts(nvidia_smi):
    assert nvidia_smi("13.0", "8.6; echo 6.1") == ((13, 0), 6.1)


def test_without_a_driver_there_is_no_cuda(tmp_path):
    assert computer.nvidia({"PATH": str(tmp_path)}) == ((0, 0), 0.0)
    broken = tmp_path / "nvidia-smi"
    broken.write_text("#!/bin/sh\necho couldn\\'t communicate with the driver; exit 9\n")
    broken.chmod(0o755)
    assert computer.nvidia({"PATH": str(tmp_path)}) == ((0, 0), 0.0)


@pytest.mark.parametrize(
    ("here", "first"),
    [
        (Computer("linux", "x86_64"), "cpu"),
        (Computer("linux", "x86_64", has_rocm=True), "rocm7.2"),
        (Computer("windows", "x86_64"), ORDINARY),
        (Computer("macos", "aarch64", 15), ORDINARY),
    ],
)
def test_other_computers(here, first):
    builds = builds_to_try(AUTOMATIC, here)
    assert builds[0] == first
    assert builds[-1] == ORDINARY
    assert torch_builds.title(first, here)


@pytest.mark.parametrize(("target", "expected"), [(110000, True), (90012, False), (0, False)])
def test_amd_cards_count_if_pytorch_has_kernels_for_them(tmp_path, target, expected):
    node = tmp_path / "1"
    node.mkdir()
    (node / "properties").write_text(f"cpu_cores_count 0\ngfx_target_version {target}\n")
    assert computer.has_rocm(tmp_path) is expected


def test_a_choice_is_taken_as_it_is():
    here = Computer("linux", "x86_64", cuda=(13, 2))
    assert [builds_to_try(choice, here) for choice in torch_builds.CHOICES[1:]] == [
        [choice] for choice in torch_builds.CHOICES[1:]
    ]


def test_every_choice_has_a_size_and_a_title():
    here = Computer("windows", "x86_64")
    for choice in (*torch_builds.CHOICES[1:], torch_builds.LIGHT):
        download, disk = torch_builds.size(choice, here)
        assert 0 < download < disk
        assert torch_builds.title(choice, here)
    linux = Computer("linux", "x86_64")
    assert torch_builds.size("cpu", linux) < torch_builds.size(ORDINARY, linux)


@pytest.mark.parametrize(
    ("here", "name"),
    [
        (Computer("windows", "aarch64"), "cpython-3.12-windows-x86_64-none"),
        (Computer("macos", "aarch64", 14), "cpython-3.11-macos-aarch64-none"),
        (Computer("macos", "aarch64", 15), "cpython-3.12-macos-aarch64-none"),
        (Computer("linux", "aarch64", libc="gnu"), "cpython-3.12-linux-aarch64-gnu"),
    ],
)
def test_python_is_asked_for_by_its_full_name(here, name):
    assert here.python == name
    assert here.refusal() == ""


def test_this_computer_can_have_an_engine():
    assert computer.this_computer().refusal() == ""
