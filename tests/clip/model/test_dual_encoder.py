"""The whole model: save and load, what each part does to the embeddings, and where gradients go."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    BertModel,
    CLIPConfig,
    CLIPModel,
    PretrainedConfig,
    RobertaConfig,
    SiglipConfig,
    SiglipModel,
    ViTModel,
)

from tests.clip.model.conftest import BERT, SETTINGS, SIZE, VIT, Padded
from udt.clip import UltrasoundClipConfig, UltrasoundClipModel
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.graphkit.sample import SampleGraph

Inputs = dict[str, torch.Tensor]

BATCH = 4
CYST = SampleGraph((1,), (12, 20))


@pytest.fixture
def inputs(padded: Padded) -> Inputs:
    make = torch.Generator().manual_seed(1)
    return {
        "pixel_values": torch.randn(BATCH, 3, 16, 16, generator=make),
        "input_ids": torch.randint(5, 60, (BATCH, 6), generator=make),
        "attention_mask": torch.tensor([[1] * 6, [1] * 4 + [0] * 2] * (BATCH // 2)),
        **padded([CYST, SampleGraph(), SampleGraph((0,), ()), SampleGraph((), (7,))]),
    }


def embedded(model: UltrasoundClipModel, inputs: Inputs, **other: torch.Tensor | None) -> UltrasoundClipOutput:
    with torch.no_grad():
        found: UltrasoundClipOutput = model(**{**inputs, **other})
    return found


def test_embeddings_have_length_1_and_logits_are_scaled_cosines(model: UltrasoundClipModel, inputs: Inputs) -> None:
    out = embedded(model, inputs)
    for rows in (out.image_embeds, out.text_embeds):
        torch.testing.assert_close(rows.norm(dim=-1), torch.ones(BATCH))
    torch.testing.assert_close(out.logit_scale, torch.tensor(1 / 0.07))
    torch.testing.assert_close(out.logits_per_image, out.image_embeds @ out.text_embeds.T / 0.07)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_saved_model_is_loaded_unchanged(model: UltrasoundClipModel, inputs: Inputs, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    for load in (UltrasoundClipModel, AutoModel):
        loaded = load.from_pretrained(tmp_path).eval()
        theirs, own = loaded.state_dict(), model.state_dict()
        assert theirs.keys() == own.keys() and all(torch.equal(theirs[name], own[name]) for name in own)
        for name in ("image_embeds", "text_embeds"):
            # Matrix products may differ in the last bit with the alignment of their memory.
            got, expected = embedded(loaded, inputs)[name], embedded(model, inputs)[name]
            torch.testing.assert_close(got, expected, rtol=0, atol=1e-6)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), UltrasoundClipConfig)


def test_both_backends_give_the_same(model: UltrasoundClipModel, inputs: Inputs) -> None:
    pytest.importorskip("dgl", reason="DGL is not installed")
    dense = embedded(model, inputs).text_embeds
    model.config.graph_backend = "dgl"
    torch.testing.assert_close(embedded(model, inputs).text_embeds, dense)


def test_the_embedding_of_a_text_without_nodes_is_not_changed(model: UltrasoundClipModel, inputs: Inputs) -> None:
    alone = embedded(model, inputs, diagnosis_ids=None, attribute_ids=None).text_embeds
    both = embedded(model, inputs).text_embeds
    torch.testing.assert_close(alone[1], both[1], rtol=0, atol=1e-6)
    assert ((alone - both).abs().amax(dim=1) > 1e-4).tolist() == [True, False, True, True]


def test_one_other_attribute_changes_the_embedding(model: UltrasoundClipModel, inputs: Inputs, padded: Padded) -> None:
    first, second = padded([CYST] * BATCH), padded([SampleGraph(CYST.diagnoses, (12, 21))] * BATCH)
    one, two = (embedded(model, inputs, **ids).text_embeds for ids in (first, second))
    assert ((one - two).abs().amax(dim=1) > 1e-4).all()


def test_the_order_of_nodes_does_not_matter(model: UltrasoundClipModel, inputs: Inputs) -> None:
    one = {"diagnosis_ids": torch.tensor([[1, 3]] * BATCH), "attribute_ids": torch.tensor([[9, 14, -1]] * BATCH)}
    two = {"diagnosis_ids": torch.tensor([[3, 1]] * BATCH), "attribute_ids": torch.tensor([[-1, 14, 9]] * BATCH)}
    torch.testing.assert_close(embedded(model, inputs, **one).text_embeds, embedded(model, inputs, **two).text_embeds)


def test_the_query_gets_a_gradient_through_attention(model: UltrasoundClipModel, inputs: Inputs) -> None:
    model.zero_grad()
    ids = {name: inputs[name] for name in ("diagnosis_ids", "attribute_ids")}
    text = torch.randn(BATCH, 16, requires_grad=True)
    fusion = model.fusion
    assert fusion is not None
    answer, _ = fusion.attention(fusion.norm(text).unsqueeze(1), *[_keys(model, ids)] * 2, need_weights=False)
    answer[0].square().sum().backward()
    assert text.grad is not None and text.grad[0].abs().max() > 1e-7
    for weight in (fusion.attention.q_proj_weight, fusion.attention.k_proj_weight):
        assert weight.grad is not None and weight.grad.abs().max() > 1e-7


def _keys(model: UltrasoundClipModel, ids: Inputs) -> torch.Tensor:
    states = model.graph_encoder(**ids)
    return torch.cat([states.nodes, states.summary.unsqueeze(1)], dim=1)


def test_every_parameter_gets_a_gradient(model: UltrasoundClipModel, inputs: Inputs) -> None:
    out = model.train()(**inputs)
    (out.logits_per_image * torch.linspace(-1, 1, BATCH * BATCH).reshape(BATCH, BATCH)).sum().backward()
    assert [name for name, parameter in model.named_parameters() if parameter.grad is None] == []


def test_graphs_are_dropped_in_training_alone(vocabulary: Vocabulary, inputs: Inputs) -> None:
    no_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    bert = type(BERT)(**{**BERT.to_dict(), **no_dropout})
    model = UltrasoundClipModel.from_towers(VIT, bert, vocabulary, **SETTINGS, graph_drop=0.5)
    many = {name: part[:1].expand(64, *part.shape[1:]) for name, part in inputs.items()}
    with torch.no_grad():
        alone = model.get_text_features(many["input_ids"], many["attention_mask"])
        texts = model(**many).text_embeds
        dropped = (texts - alone).abs().amax(dim=1) < 1e-6
        assert 15 < int(dropped.sum()) < 49
        assert ((model.eval()(**many).text_embeds - alone).abs().amax(dim=1) > 1e-5).all()


def test_the_scale_is_clamped(model: UltrasoundClipModel, inputs: Inputs) -> None:
    with torch.no_grad():
        model.logit_scale.fill_(9.0)
    assert float(embedded(model, inputs).logit_scale) == pytest.approx(100)


def test_without_graph_encoder(inputs: Inputs) -> None:
    model = UltrasoundClipModel.from_towers(VIT, BERT, projection_dim=16, fusion_heads=2).eval()
    assert not [name for name, _ in model.named_parameters() if "graph" in name or "fusion" in name]
    embedded(model, inputs, diagnosis_ids=None, attribute_ids=None)
    with pytest.raises(DataError, match="was made without graph encoder"):
        embedded(model, inputs)


def test_half_an_input_is_refused(model: UltrasoundClipModel, inputs: Inputs) -> None:
    with pytest.raises(DataError, match="give both diagnosis_ids and attribute_ids"):
        embedded(model, inputs, attribute_ids=None)
    with pytest.raises(DataError, match="nothing to embed"):
        model()


def test_towers_come_from_folders(tmp_path: Path, vocabulary: Vocabulary, inputs: Inputs) -> None:
    image, text = ViTModel(VIT, add_pooling_layer=False), BertModel(BERT, add_pooling_layer=False)
    image.save_pretrained(tmp_path / "image")
    text.save_pretrained(tmp_path / "text")
    model = UltrasoundClipModel.from_towers(str(tmp_path / "image"), str(tmp_path / "text"), vocabulary, **SETTINGS)
    for tower, source in ((model.image_tower, image), (model.text_tower, text)):
        assert all(torch.equal(a, b) for a, b in zip(tower.encoder.parameters(), source.parameters(), strict=True))
    embedded(model.eval(), inputs)


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_a_dual_encoder_as_both_towers_keeps_its_embeddings(
    kind: str, tmp_path: Path, vocabulary: Vocabulary, inputs: Inputs
) -> None:
    vision, text = (
        {**SIZE, "image_size": 16, "patch_size": 8},
        {**SIZE, "vocab_size": 60, "max_position_embeddings": 32},
    )
    configs: dict[str, PretrainedConfig] = {
        "clip": CLIPConfig(vision_config=vision, text_config={**text, "eos_token_id": 2}, projection_dim=12),
        "siglip": SiglipConfig(vision_config=vision, text_config={**text, "projection_size": 16}),
    }
    theirs = {"clip": CLIPModel, "siglip": SiglipModel}[kind](configs[kind]).eval()
    theirs.save_pretrained(tmp_path)
    settings = {name: value for name, value in SETTINGS.items() if name != "projection_dim"}
    if kind == "siglip":
        settings["projection_dim"] = 16
    model = UltrasoundClipModel.from_towers(str(tmp_path), str(tmp_path), vocabulary, **settings).eval()
    tokens = {name: inputs[name] for name in ("input_ids", "attention_mask")}
    with torch.no_grad():
        expected = theirs(pixel_values=inputs["pixel_values"], **tokens)
        got = model(pixel_values=inputs["pixel_values"], **tokens)
    torch.testing.assert_close(got.image_embeds, expected.image_embeds)
    torch.testing.assert_close(got.text_embeds, expected.text_embeds)


def test_other_encoders_can_be_towers(inputs: Inputs, vocabulary: Vocabulary) -> None:
    roberta = RobertaConfig(**SIZE, vocab_size=60, max_position_embeddings=32)
    vision = AutoConfig.for_model("convnext", hidden_sizes=[8, 8], depths=[1, 1], num_stages=2, image_size=16)
    model = UltrasoundClipModel.from_towers(vision, roberta, vocabulary, **SETTINGS).eval()
    assert (model.config.image_pooling, model.config.text_pooling) == ("pooler", "cls")
    embedded(model, inputs)


def test_mean_pooling_leaves_out_padding(vocabulary: Vocabulary, inputs: Inputs) -> None:
    model = UltrasoundClipModel.from_towers(VIT, BERT, vocabulary, **SETTINGS, text_pooling="mean").eval()
    tokens = inputs["input_ids"][1:2]
    with torch.no_grad():
        short = model.get_text_features(tokens[:, :4], torch.ones(1, 4, dtype=torch.long))
        padded = model.get_text_features(tokens, inputs["attention_mask"][1:2])
    torch.testing.assert_close(short, padded)


def test_a_tower_without_pooler_is_reported(vocabulary: Vocabulary, inputs: Inputs) -> None:
    distilbert = AutoConfig.for_model("distilbert", dim=16, n_layers=1, n_heads=2, hidden_dim=32, vocab_size=60)
    model = UltrasoundClipModel.from_towers(VIT, distilbert, vocabulary, **SETTINGS, text_pooling="pooler")
    with pytest.raises(DataError, match="DistilBertModel has no pooler; take 'cls' or 'mean'"):
        model.get_text_features(inputs["input_ids"])


def test_every_faulty_setting_is_named_at_once() -> None:
    with pytest.raises(DataError) as caught:
        UltrasoundClipConfig(VIT, BERT, graph_drop=1.5, projection_dim=0, text_pooling="last")  # type: ignore[arg-type]
    assert str(caught.value).splitlines()[1:] == [
        "  - projection_dim is 0; it has to be a whole number above 0",
        "  - graph_drop is 1.5; it has to be at least 0 and below 1",
        "  - text_pooling is 'last'; allowed: cls, mean, pooler",
    ]
    with pytest.raises(DataError, match="graph_dim is 10, which 4 graph_heads do not divide"):
        UltrasoundClipConfig(VIT, BERT, graph_dim=10)
    with pytest.raises(DataError, match="needs two towers"):
        UltrasoundClipConfig(VIT)


@pytest.mark.filterwarnings("ignore")
def test_a_missing_tower_is_named(vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be loaded as the image tower; give the name of a named tower"):
        UltrasoundClipModel.from_towers(str(tmp_path / "none"), BERT, vocabulary)


def test_gradient_checkpointing_does_not_change_gradients(model: UltrasoundClipModel, inputs: Inputs) -> None:
    def gradient() -> torch.Tensor:
        model.zero_grad()
        torch.manual_seed(0)
        model(**inputs).logits_per_image.diagonal().sum().backward()
        found = next(model.image_tower.parameters()).grad
        assert found is not None
        return found.clone()

    model.train()
    plain = gradient()
    getattr(model, "activation_checkpointing_enable", model.gradient_checkpointing_enable)()
    torch.testing.assert_close(gradient(), plain)
