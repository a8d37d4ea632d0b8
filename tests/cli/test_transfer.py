"""`udt transfer`, from the command line to the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.clip.evaluation.conftest import encoder, model_folder, one_thread, processor  # noqa: F401
from tests.clip.transfer.images import breastmnist, image_folder, write_table
from udt.cli.main import main
from udt.cli.transfer import transfer
from udt.clip.transfer.document import transfer_schema
from udt.clip.transfer.layout import layout_names

COUNTS = {"dark": 15, "bright": 14, "none": 12}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("command") / "images", COUNTS)


def run(*arguments: object) -> tuple[int, str, str]:
    fixed = ("--device", "cpu", "--resamples", 20, "--seeds", 2)
    done = CliRunner().invoke(main, ["transfer", *map(str, (*arguments, *fixed))])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_table_and_files(model_folder: Path, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, err = run(model_folder, folder, "--mode", "linear-probe", "--out", out, "--probe", model_folder)
    assert code == 0, err
    lines = text.splitlines()
    about = f"{model_folder}/best, graph: text; {folder}: a folder with a sub-folder for each class"
    assert " ".join(text.split()).startswith(about)
    assert "\n41 images of " in text and "±: standard deviation over 2 seeds" in text
    assert f"probe: linear probe on the frozen image tower {model_folder}" in lines
    first = [line.split("  ")[0] for line in lines if line]
    assert first[first.index("images") :] == [
        "images", "bright", "dark", "none", "linear-probe, split own", "model", "majority", "pixels", "probe",
        "model", "minus majority", "minus pixels", "minus probe",
    ]  # fmt: skip
    assert sorted(path.name for path in out.iterdir()) == ["transfer.html", "transfer.json"]
    document = json.loads((out / "transfer.json").read_text("utf-8"))
    Draft202012Validator(transfer_schema()).validate(document)
    model, probe = (next(one for one in document["entries"] if one["name"] == name) for name in ("model", "probe"))
    assert model["measures"] == probe["measures"]  # the same tower


def test_json_and_choices(model_folder: Path, folder: Path) -> None:
    code, text, err = run(
        model_folder, folder, "--mode", "few-shot", "--json", "--shots", "2,1", "--class", "a lesion=dark,bright",
        "--class", "nothing=none", "--prompt", "scan of {class}", "--prompt", "{class}", "--graph", "none",
        "--no-references", "--features", "embedding",
    )  # fmt: skip
    assert code == 0, err
    document = json.loads(text)
    Draft202012Validator(transfer_schema()).validate(document)
    assert document["data"]["classes"] == {"a lesion": 29, "nothing": 12}
    assert document["prompts"] == ["scan of {class}", "{class}"] and document["model"]["graph"] == "none"
    assert [(one["name"], one["shots"]) for one in document["entries"]] == [("model", 0), ("model", 1), ("model", 2)]


def test_a_csv_file(model_folder: Path, folder: Path) -> None:
    rows = [[f"{name}/{n}.png", name, f"{name}{n // 2}"] for name, count in COUNTS.items() for n in range(count)]
    write_table(folder / "list.csv", ["path", "finding", "patient"], rows)
    columns = ("--image-column", "path", "--label-column", "finding", "--group-column", "patient")
    arguments = ("--mode", "zero-shot", "--no-references", "--json", "--no-hashes")
    code, text, err = run(model_folder, folder / "list.csv", *columns, *arguments)
    assert code == 0, err
    assert json.loads(text)["data"]["groups"] == 8 + 7 + 6
    write_table(
        folder / "parts.csv", ["image", "label", "part"],
        [[path, label, ("train", "val", "test")[n % 3]] for n, (path, label, _) in enumerate(rows)],
    )  # fmt: skip
    code, text, err = run(model_folder, folder / "parts.csv", "--split-column", "part", *arguments)
    assert code == 0, err
    parted = json.loads(text)["split"]
    assert parted["name"] == "column" and [sum(parted["rounds"][0][p]) for p in ("train", "valid", "test")] == [
        14,
        14,
        13,
    ]
    code, _, err = run(model_folder, folder / "parts.csv", "--split-column", "label", *arguments)
    assert (
        code == 1 and "no image is in the part train of the split 'column', train; there are bright, dark, none" in err
    )
    code, _, err = run(model_folder, folder / "list.csv", *columns[:2], "--label-column", "findings", *arguments)
    assert code == 1 and "from the column 'findings', which" in err and "there are path, finding, patient" in err


def test_fine_tuning(model_folder: Path, folder: Path) -> None:
    code, text, err = run(
        model_folder, folder, "--mode", "fine-tune", "--epochs", 1, "--learning-rate", "0.001", "--json",
        "--no-augmentation", "--no-references", "--batch-size", 8, "--patience", 1,
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(text)
    assert found["fine_tuning"] == {
        "epochs": 1, "learning_rate": 0.001, "head_learning_rate": 0.001, "weight_decay": 0.05, "batch_size": 8,
        "patience": 1, "augment": False,
    }  # fmt: skip
    assert [fit[0]["epoch"] for fit in found["entries"][0]["fits"]] == [1, 1]


def test_an_official_split_that_divides_near_duplicates_is_warned_of(model_folder: Path, tmp_path: Path) -> None:
    path = breastmnist(tmp_path / "breastmnist.npz")
    # The images of test are other ones, but all backgrounds are alike at so large a distance of hashes.
    arguments = ("--layout", "breastmnist", "--mode", "zero-shot", "--no-references", "--distance", 15)
    pairs = tmp_path / "pairs.csv"
    write_table(pairs, ["a", "b"], [["train_0", "test_0"], ["train_2", "test_2"]])
    code, text, err = run(model_folder, path, *arguments, "--duplicates", pairs)
    assert code == 0, err
    assert err.startswith("warning: the official split 'official' divides ") and "--split own keeps them" in err
    assert "zero-shot, split official" in text


@pytest.mark.parametrize(
    ("arguments", "status", "fault"),
    [
        (("--mode", "zero"), 2, "'zero' is not one of 'zero-shot', 'linear-probe', 'few-shot', 'fine-tune'"),
        (("--mode", "zero-shot", "--layout", "bsui"), 1, "there is no layout 'bsui', did you mean 'busi'?"),
        (("--mode", "zero-shot", "--split", "ofical"), 1, "has no split 'ofical'; allowed: own"),
        (("--mode", "zero-shot", "--class", "dark"), 2, "'dark' is no class; write NAME=LABEL or NAME=LABEL,LABEL"),
        (("--mode", "zero-shot", "--prompt", "a scan"), 1, "the prompt 'a scan' has to contain {class} once"),
        (("--mode", "few-shot", "--shots", "1,x"), 2, "'1,x' is no list of whole numbers from 1; write e.g. 1,2,4"),
        (("--mode", "few-shot", "--shots", "32"), 1, "32 images of each class are to be drawn, but the class '"),
        (("--mode", "zero-shot", "--fold", "1"), 1, "the split 'own' has no folds; leave out --fold"),
        (("--mode", "zero-shot", "--device", "tpu"), 1, "there is no device 'tpu' for torch here"),
    ],
)
def test_faults_are_worded(
    model_folder: Path, folder: Path, arguments: tuple[str, ...], status: int, fault: str
) -> None:
    done = CliRunner().invoke(main, ["transfer", str(model_folder), str(folder), *arguments])
    assert done.exit_code == status, done.output
    assert fault in done.stderr and "Traceback" not in done.stderr


def test_a_wrong_checkpoint_or_folder_is_worded(model_folder: Path, folder: Path, tmp_path: Path) -> None:
    code, _, err = run(tmp_path / "none", folder, "--mode", "zero-shot")
    assert code == 1 and "there is no such folder; give that of a run or of a model" in err
    code, _, err = run(model_folder, tmp_path / "none", "--mode", "zero-shot")
    assert code == 1 and "there is no such folder; give that of the data set" in err
    code, _, err = run(model_folder, tmp_path, "--mode", "zero-shot")
    assert code == 1 and "has no images in sub-folders, one for each class" in err


def test_the_help_names_all_layouts() -> None:
    option = next(one for one in transfer.params if one.name == "layout")
    assert all(name in str(option.help) for name in layout_names())  # type: ignore[attr-defined]
