"""The ablation: its plans, its results, and that finished trainings are not repeated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests.clip.evaluation.conftest import caption, label_sets, png, write_bundle
from udt.bundle.reader import Bundle
from udt.cli.main import main
from udt.clip.ablation import ablation
from udt.clip.ablation.ablation import (
    FULL,
    VARIANTS,
    Ablation,
    Plan,
    VariantResult,
    ablate,
    plans,
    prior_variants,
    rows,
)
from udt.clip.ablation.report import write_report
from udt.clip.evaluation.load import load_encoder
from udt.clip.evaluation.measure import measure
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.run_folder import Run
from udt.clip.training.training import Trained
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet

NAMES = (
    "mean_accuracy",
    "mean_macro_recall",
    "caption_image_to_text_recall_at_1",
    "caption_image_to_text_recall_at_10",
)


def _settings(bundle: Path, out: Path, *changes: str) -> TrainSettings:
    own = (f"data.bundle={json.dumps(str(bundle))}", f"run.out={json.dumps(str(out))}")
    return TrainSettings.load(preset="tiny", changes=(*changes, *own))


def _found(values: dict[str, list[float]]) -> Ablation:
    """Build an ablation; each metric of a variant is the value of its seed, plus its index in the names."""
    outcomes = tuple(
        VariantResult(variant, seed, f"runs/{variant}-{seed}", {name: value + n for n, name in enumerate(NAMES)})
        for variant, some in values.items()
        for seed, value in enumerate(some)
    )
    return Ablation("b", "test", "text", dict.fromkeys(NAMES, 0.25), outcomes)


def test_mean_and_spread_over_seeds() -> None:
    values = {variant: [0.5, 0.75, 0.875 + n] for n, variant in enumerate(VARIANTS)}
    found = _found(values)
    for variant, some in values.items():
        assert found.mean(variant, "mean_accuracy") == pytest.approx(np.mean(some))
        assert found.spread(variant, "mean_accuracy") == pytest.approx(np.std(some, ddof=1))
    plain = found.to_dict()
    assert plain["schema"] == "udt-ablation/1" and tuple(plain["variants"]) == VARIANTS
    assert [run["seed"] for run in plain["variants"]["plain"]["runs"]] == [0, 1, 2]
    json.dumps(plain, allow_nan=False)


def test_one_seed_has_no_spread() -> None:
    found = _found({variant: [0.5] for variant in VARIANTS})
    assert found.spread(FULL, "mean_accuracy") is None
    assert next(rows(found, NAMES[:2])) == (FULL, "0.500", "1.500")
    assert list(rows(found, NAMES[:2]))[-1] == ("chance", "0.250", "0.250")


def test_variants_differ_in_the_settings_of_their_name(bundle_folder: Path, tmp_path: Path) -> None:
    base = _settings(bundle_folder, tmp_path, "evaluation.split=train", "run.seed=5")
    made = plans(base, 2, tmp_path)
    assert [(p.variant, p.settings.run.seed) for p in made] == [(v, s) for s in (5, 6) for v in VARIANTS]
    assert len({plan.folder for plan in made}) == 8
    differing = {p.variant: p.settings.differences(base) for p in made[:4]}
    assert differing == {
        "full": [],
        "no-graph": ["model.graph"],
        "no-semantic": ["objective.semantic_weight"],
        "plain": ["model.graph", "objective.semantic_weight"],
    }
    assert made[3].settings.model.graph == "none" and made[3].settings.objective.semantic_weight == 0


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Replace training by a function that only creates folders; list the runs, and whether they were resumed."""
    done: list[tuple[str, bool]] = []

    def train(settings: TrainSettings, *, resume: bool = False, watch: Any = None) -> Trained:
        path = Path(settings.run.out)
        if not resume:
            Run.create(settings.resolved())
        done.append((path.name, resume))
        return Trained(path, 3 if path.name == "plain-0" and not resume else 4, 4, None)

    def measured(plan: Plan, bundle: object, split: str) -> dict[str, Any]:
        result = {"split": split, "measured": dict.fromkeys(NAMES, 0.5), "chance": dict.fromkeys(NAMES, 0.25)}
        (plan.folder / "test.json").write_text(json.dumps(result), "utf-8")
        return result

    monkeypatch.setattr(ablation, "train", train)
    monkeypatch.setattr(ablation, "_measure", measured)
    return done


def test_a_stopped_ablation_is_resumed(trained: list[tuple[str, bool]], bundle_folder: Path, tmp_path: Path) -> None:
    settings = _settings(bundle_folder, tmp_path, "evaluation.split=train")
    with pytest.raises(DataError, match=r"plain-0: stopped at step 3 of 4; the same command resumes it"):
        ablate(settings, 2, tmp_path)
    assert [name for name, _ in trained] == ["full-0", "no-graph-0", "no-semantic-0", "plain-0"]
    trained.clear()
    found = ablate(settings, 2, tmp_path)
    assert trained == [("plain-0", True), *((f"{variant}-1", False) for variant in VARIANTS)]
    assert len(found.outcomes) == 8
    assert json.loads((tmp_path / "ablation.json").read_text("utf-8")) == found.to_dict()
    trained.clear()
    assert ablate(settings, 2, tmp_path) == found and not trained
    with pytest.raises(DataError, match=r"full-0: was made with other settings: optimization\.lr"):
        ablate(_settings(bundle_folder, tmp_path, "evaluation.split=train", "optimization.lr=0.5"), 2, tmp_path)


@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
def test_command(as_json: bool, trained: list[tuple[str, bool]], bundle_folder: Path, tmp_path: Path) -> None:
    arguments = ["ablate", str(bundle_folder), "--preset", "tiny", "--set", "evaluation.split=train", "--seeds", "1"]
    arguments += ["--out", str(tmp_path / "a"), *(["--json"] if as_json else [])]
    stopped = CliRunner().invoke(main, arguments)
    assert stopped.exit_code == 130 and "the same command resumes it" in stopped.stderr
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.stderr
    if as_json:
        assert json.loads(done.stdout)["variants"]["full"]["mean"]["mean_accuracy"] == 0.5
    else:
        first = [line.split()[0] for line in done.stdout.splitlines() if line[:1].strip()]
        assert first == ["mean", "variant", *VARIANTS, "chance"]
    assert "data:image/png" in (tmp_path / "a" / "ablation.html").read_text("utf-8")


def test_variants_of_priors_differ_in_the_similarity(bundle_folder: Path, tmp_path: Path) -> None:
    base = _settings(bundle_folder, tmp_path, "evaluation.split=train")
    files = {name: Bundle.open(bundle_folder).similarity().save(_folder(tmp_path / name)) for name in ("a", "b")}
    made = plans(base, 1, tmp_path, prior_variants(files))
    differing = {plan.variant: plan.settings.differences(base) for plan in made}
    assert differing == {
        "no-semantic": ["objective.semantic_weight"],
        "prior-a": ["objective.similarity"],
        "prior-b": ["objective.similarity"],
    }
    assert made[2].settings.objective.similarity == str(files["b"])


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_command_compares_priors(trained: list[tuple[str, bool]], bundle_folder: Path, tmp_path: Path) -> None:
    """A method is built into the output folder; a folder is used in place. The same command again trains nothing."""
    Bundle.open(bundle_folder).similarity().save(_folder(tmp_path / "mine"))
    arguments = ["ablate", str(bundle_folder), "--preset", "tiny", "--set", "evaluation.split=train", "--seeds", "1"]
    arguments += ["--out", str(tmp_path / "a"), "--prior", "lin", "--prior", str(tmp_path / "mine")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.stderr
    assert [name for name, _ in trained] == ["no-semantic-0", "prior-lin-0", "prior-mine-0"]
    names = [line.split()[0] for line in done.stdout.splitlines() if line[:1].strip()]
    assert names == ["mean", "variant", "no-semantic", "prior-lin", "prior-mine", "chance"]
    built = SimilaritySet.load(tmp_path / "a" / "priors" / "lin")
    assert built.provenance.method == "lin"
    assert "no-semantic has no prior" in (tmp_path / "a" / "ablation.html").read_text("utf-8")
    trained.clear()
    assert CliRunner().invoke(main, arguments).exit_code == 0 and not trained


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        (["lim"], "'lim' is neither a method nor a folder; did you mean lin?"),
        (["lin", "lin"], "two priors are called 'lin'"),
        (["text"], "the method text needs input"),
    ],
)
def test_command_refuses_priors(bundle_folder: Path, tmp_path: Path, priors: list[str], message: str) -> None:
    options = [text for prior in priors for text in ("--prior", prior)]
    done = CliRunner().invoke(main, ["ablate", str(bundle_folder), "--out", str(tmp_path / "a"), *options])
    assert done.exit_code == 2 and message in " ".join(done.stderr.split())


def test_command_refuses_two_sources(bundle_folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("", "utf-8")
    arguments = [
        "ablate",
        str(bundle_folder),
        "--preset",
        "tiny",
        "--config",
        str(config),
        "--out",
        str(tmp_path / "a"),
    ]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2 and "--preset and --config are alternatives" in done.stderr


def test_page(tmp_path: Path) -> None:
    page = write_report(_found({variant: [0.5, 0.75] for variant in VARIANTS}), tmp_path).read_text("utf-8")
    assert "0.625 ± 0.177" in page and page.count("data:image/png") == 2


@pytest.mark.slow
def test_four_real_trainings(vocabulary: Vocabulary, tmp_path: Path) -> None:
    labels = label_sets(vocabulary, 24)
    captions = [caption(one, vocabulary) for one in labels]
    splits = [*["train"] * 12, *["valid"] * 6, *["test"] * 6]
    bundle = write_bundle(tmp_path / "b", labels, captions, [png(n) for n in range(24)], splits)
    sizes = "hidden_size = 16, intermediate_size = 32, num_hidden_layers = 1, num_attention_heads = 2"
    towers = (
        f'model.image={{ model_type = "vit", image_size = 16, patch_size = 8, {sizes} }}',
        f'model.text={{ model_type = "bert", vocab_size = 200, max_position_embeddings = 64, {sizes} }}',
        "model.image_pooling=cls",
    )
    settings = _settings(bundle, tmp_path, *towers, "optimization.batch_size=6", "optimization.max_steps=2")
    found = ablate(settings, 1, tmp_path / "a")
    assert [outcome.variant for outcome in found.outcomes] == list(VARIANTS)
    for outcome in found.outcomes:
        run = tmp_path / "a" / outcome.folder
        encoder = load_encoder(str(run), device="cpu")
        again = measure(encoder, Bundle.open(bundle), range(18, 24))
        assert again.headline() == outcome.measured and again.chance() == found.chance
        assert again.graph == ("text" if outcome.variant in ("full", "no-semantic") else "none")
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("a/runs/*/*")}
    assert ablate(settings, 1, tmp_path / "a") == found
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.glob("a/runs/*/*")}
