"""Writes a page in Markdown for each algorithm, from what the plugin's code says about it.

``python -m tools.documentation.algorithm_pages [LANGUAGE...]`` with QGIS's Python; it writes English pages, and those of
the languages for which there are translated texts, into ``docs/algorithms/`` and ``docs/LANGUAGE/algorithms/``. What follows
the mark ``BY_HAND`` in a page is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dualstream_qgis.engine.contract.options import describe_values, format_value, is_automatic
from dualstream_qgis.engine.contract.recipe_options import (
    RECIPE_FIELDS,
    RecipeOptions,
    recipe_groups,
)
from dualstream_qgis.engine.contract.translation import (
    read_translations,
    translations_file,
    use_lookup,
)
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingParameterDefinition,
)

from dualstream_qgis import compat
from dualstream_qgis.algorithms.base_algorithm import DualStreamAlgorithm
from dualstream_qgis.algorithms.parameter_factories import AUTOMATIC_NUMBER, LIST_OF
from dualstream_qgis.help_pages import ENGLISH
from dualstream_qgis.i18n import tr

from ..locations import ROOT
from . import markdown

#: The line after which a page is written by hand.
BY_HAND = "<!-- From here on this page is written by hand. -->\n"
GENERATED = "<!-- Written by make docs from the code: change the texts there. -->\n"
#: A larger limit than this is none for people.
_ANY_NUMBER = 1e9
#: Name of the page about the recipe, and of the list of all pages.
RECIPE, INDEX = "recipe", "index"


def pages(algorithms: Iterable[DualStreamAlgorithm]) -> dict[str, str]:
    """Returns the generated part of every page by its name, in the language whose translation is loaded."""
    listed = sorted(algorithms, key=lambda one: (one.group(), one.displayName()))
    texts = {one.name(): "\n".join(_algorithm(one)) for one in listed}
    texts[RECIPE] = "\n".join(_recipe())
    texts[INDEX] = "\n".join(_index(listed))
    return {name: f"{GENERATED}\n{text}" for name, text in texts.items()}


def with_hand_written(page: Path, text: str) -> str:
    """Returns the generated text of a page with what was written by hand below it, if the page has such a part."""
    old = page.read_text("utf-8") if page.is_file() else ""
    _, mark, kept = old.partition(BY_HAND)
    return f"{text}\n{mark}{kept}" if mark else text


def write(algorithms: Iterable[DualStreamAlgorithm], folder: Path) -> list[Path]:
    """Writes the pages that differ from those in a folder and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in pages(algorithms).items():
        page = folder / f"{name}.md"
        whole = with_hand_written(page, text)
        if not page.is_file() or page.read_text("utf-8") != whole:
            page.write_text(whole, "utf-8")
            changed.append(page)
    return changed


# The pages ----------------------------------------------------------------------------------------


def _algorithm(one: DualStreamAlgorithm) -> Iterator[str]:
    yield f"# {one.displayName()}\n"
    yield tr("`{}` in scripts and models; group *{}* in the Toolbox.").format(
        f"dualstream:{one.name()}", one.group()
    )
    yield ""
    yield markdown.from_html(one.help_introduction())
    definitions = [d for d in one.parameterDefinitions() if not d.flags() & compat.HIDDEN]
    hidden = [d for d in one.parameterDefinitions() if d.flags() & compat.HIDDEN]
    yield "## " + tr("Parameters") + "\n"
    if any(definition.flags() & compat.ADVANCED for definition in definitions):
        yield tr("*(a)*: under *Advanced* in the dialog.") + "\n"
    yield markdown.table(
        (tr("parameter"), tr("name"), tr("type"), tr("default"), tr("meaning")),
        [_parameter_row(definition) for definition in (*definitions, *hidden)],
    )
    if one.outputDefinitions():
        yield "## " + tr("Outputs") + "\n"
        yield markdown.table(
            (tr("output"), tr("name")),
            [(o.description() or o.name(), f"`{o.name()}`") for o in one.outputDefinitions()],
        )
    yield "## qgis_process\n"
    yield "    " + _call(one) + "\n"


def _parameter_row(definition: QgsProcessingParameterDefinition) -> tuple[str, ...]:
    advanced = " *(a)*" if definition.flags() & compat.ADVANCED else ""
    return (
        markdown.escape(definition.description()) + advanced,
        f"`{definition.name()}`",
        _type(definition),
        _default(definition),
        markdown.inline(definition.help()),
    )


def _type(definition: QgsProcessingParameterDefinition) -> str:
    """Returns what a parameter takes, in words; for a choice its values, for a number its range."""
    kind = definition.type()
    if kind == "enum":
        return ", ".join(f"`{option}`" for option in definition.options())
    if kind == "number":
        is_whole = definition.dataType() == compat.INTEGER
        return _range(definition.minimum(), definition.maximum(), is_whole)
    if kind == "multilayer":
        return _layers(definition.layerType())
    list_of = definition.metadata().get(LIST_OF)
    if list_of and kind == "file":
        return tr("file, or several")
    if list_of and list_of != "recipe" and kind == "string":
        return tr("list, separated by commas")
    words = {
        "raster": tr("raster"),
        "layer": tr("raster or vector layer"),
        "source": tr("vector layer"),
        "file": tr("file"),
        "field": tr("field"),
        "band": tr("bands"),
        "boolean": tr("yes or no"),
        "string": tr("text"),
        "extent": tr("extent"),
        "matrix": tr("table"),
        "rasterDestination": tr("raster to write"),
        "vectorDestination": tr("vector layer to write"),
        "fileDestination": tr("file to write"),
        "folderDestination": tr("folder to write"),
    }
    if kind == "file" and definition.behavior() == compat.A_FOLDER:
        # With a widget of its own, such as DatasetWidget, it takes a file too.
        return tr("folder or file") if "widget_wrapper" in definition.metadata() else tr("folder")
    return words.get(kind, kind)


def _layers(kind: Any) -> str:
    """Returns what layers a parameter for several takes, in words."""
    if kind == compat.TYPE_RASTER:
        return tr("rasters")
    return tr("polygon layers") if kind == compat.TYPE_POLYGON else tr("raster or vector layers")


def _range(low: float, high: float, is_whole: bool) -> str:
    """Returns which numbers are accepted, in words."""
    if high > _ANY_NUMBER:
        words = tr("whole number, {} or more") if is_whole else tr("number, {} or more")
    else:
        words = tr("whole number, {} to {}") if is_whole else tr("number, {} to {}")
    return words.format(*(f"{limit:.6f}".rstrip("0").rstrip(".") for limit in (low, high)))


def _default(definition: QgsProcessingParameterDefinition) -> str:
    is_optional = bool(definition.flags() & compat.OPTIONAL)
    if AUTOMATIC_NUMBER in definition.metadata():
        return tr("automatic")
    value = definition.defaultValue()
    if value in (None, "") or definition.type() == "matrix":
        return tr("empty") if is_optional else tr("required")
    if definition.isDestination():  # a path of this computer
        return tr("as the dialog proposes")
    return f"`{format_value(value)}`"


def _call(one: QgsProcessingAlgorithm) -> str:
    """Returns a command with the parameters that cannot be left out."""
    needed = [
        definition.name()
        for definition in one.parameterDefinitions()
        if not definition.flags() & compat.OPTIONAL
        and (definition.isDestination() or definition.defaultValue() in (None, ""))
    ]
    return " ".join(
        [f"qgis_process run dualstream:{one.name()} --", *(f"{name}=..." for name in needed)]
    )


def _recipe() -> Iterator[str]:
    yield "# " + tr("The recipe of a training") + "\n"
    yield markdown.wrap(
        tr(
            "The fields of the parameter Recipe (`RECIPE`). The button beside it shows them in a form. In a shell each "
            "field is an option of its own, such as `--learning_rate 0.0005`."
        )
    )
    yield ""
    for group, fields in recipe_groups().items():
        yield f"## {tr(group)}\n"
        yield markdown.table(
            (tr("setting"), tr("name"), tr("values"), tr("default"), tr("meaning")),
            [
                (
                    markdown.escape(tr(declared.label)),
                    f"`{name}`",
                    _values(name),
                    _recipe_default(name),
                    markdown.inline(tr(declared.help)),
                )
                for name, declared in fields.items()
            ],
        )


def _values(name: str) -> str:
    declared, default = RECIPE_FIELDS[name], getattr(RecipeOptions, name)
    if isinstance(default, bool):
        return "`true`, `false`"
    if isinstance(default, (int, float)):
        return describe_values(RecipeOptions, name)
    return ", ".join(f"`{text}`" for text in declared.choices or declared.examples)


def _recipe_default(name: str) -> str:
    value = getattr(RecipeOptions, name)
    if is_automatic(RecipeOptions, name, value):
        return tr("automatic")
    return f"`{format_value(value)}`" if value not in ("", ()) else tr("empty")


def _index(algorithms: list[DualStreamAlgorithm]) -> Iterator[str]:
    yield "# " + tr("The algorithms") + "\n"
    group = ""
    for one in algorithms:
        if one.group() != group:
            group = one.group()
            yield f"{'' if one is algorithms[0] else chr(10)}## {group}\n"
        link = f"[{one.displayName()}]({one.name()}.md)"
        yield markdown.wrap(f"- {link}, `dualstream:{one.name()}`: {one.shortDescription()}")
    yield ""
    yield f"[{tr('The recipe of a training')}]({RECIPE}.md)"
    yield ""


# The command line ---------------------------------------------------------------------------------


def folder_of(language: str, root: Path = ROOT) -> Path:
    """Returns the folder of the algorithms' pages in a language."""
    return root / "docs" / ("" if language == ENGLISH else language) / "algorithms"


def speak(language: str) -> bool:
    """Has all texts of the plugin in a language from now on; returns False if there is no translation."""
    if language == ENGLISH:
        use_lookup(lambda text: text)
        return True
    file = translations_file(language)
    translations = read_translations(file) if file else {}
    use_lookup(lambda text: translations.get(text, text))
    return bool(translations)


def main() -> None:
    """Writes the pages in English and in the languages that have a translation."""
    application = QgsApplication([], False)
    application.initQgis()
    # Processing, which the provider imports, lies where QGIS keeps its own plugins.
    sys.path.append(str(Path(application.pkgDataPath()) / "python" / "plugins"))
    from dualstream_qgis.provider import ALGORITHMS

    for language in sys.argv[1:] or [ENGLISH]:
        if not speak(language):
            print(f"There is no translation for {language}: no pages are written.")
            continue
        for page in write([kind().create() for kind in ALGORITHMS], folder_of(language)):
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
