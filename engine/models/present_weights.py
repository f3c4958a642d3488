"""Finds the pretrained weights on this machine, so that a training needs no network to start from them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from huggingface_hub import scan_cache_dir
from huggingface_hub.errors import CacheNotFound

from ..contract.encoders import ENCODERS


def present_weights() -> tuple[str, ...]:
    """Encoders whose weights came with the engine, and repositories that were fetched from the model hub."""
    packaged = [name for name, info in ENCODERS.items() if _is_installed(info.package)]
    try:
        fetched = [found.repo_id for found in scan_cache_dir().repos if found.repo_type == "model"]
    except (CacheNotFound, OSError):
        fetched = []
    return (*packaged, *sorted(fetched))


def _is_installed(package: str) -> bool:
    try:
        return bool(package and version(package))
    except PackageNotFoundError:
        return False
