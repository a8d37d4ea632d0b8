"""The configuration of an Ultrasound-CLIP model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from transformers import AutoConfig, PretrainedConfig

from udt.clip.model.tower_registry import NamedTowerConfig
from udt.core.errors import DataError
from udt.graphkit.nodes import NodeSpace

Pooling = Literal["cls", "mean", "pooler"]
Backend = Literal["dense", "dgl"]
GraphSource = Literal["text", "labels", "none"]
"""The labels of the graph of a caption: those that the normaliser reads in it, those of its sample, or no graph."""
GraphKind = Literal["transformer", "convolution"]
Fusion = Literal["gated", "single-key"]

# Families whose own pooler is trained for another purpose, or not at all: their first token represents the input.
_FIRST_TOKEN = {"bert", "deit", "dinov2", "distilbert", "electra", "roberta", "vit", "xlm-roberta"}

_MOST_LAYERS = 1_000


class UltrasoundClipConfig(PretrainedConfig):
    """Configuration of both towers, the graph encoder, and the space that they share.

    :param vision_config: configuration of the image tower, any that `AutoModel` supports; or its `to_dict` form.
    :param text_config: configuration of the text tower, likewise.
    :param tasks: keys of the dimensions that the model is trained on, in order; empty if they are not known.
    :param node_types: 0 (diagnosis) or 1 (attribute) for each node of the node space; empty for a model without graph.
    :param node_dimensions: index of the dimension of each node.
    :param graph_source: source of the graphs of captions in training; None if it is not known.
    :param graph_places: whether places, such as body system and organ, are among the nodes.
    :param projection_dim: width P of the shared space.
    :param image_pooling: `cls` takes the first token, `mean` the mean of the tokens, `pooler` the output of the tower's
        own pooler; by default chosen by the family of the tower.
    :param text_pooling: likewise, for the text tower.
    :param patch_dropout: share of the patches that a transformer as image tower drops in training, at least 0 and below
        1; see `udt.clip.model.patch_dropout`.
    :param logit_scale_init: natural logarithm of the initial scale, ln(1 / 0.07) as in CLIP.
    :param logit_scale_max: upper bound of the logarithm, ln 100 as in CLIP.
    :param logit_bias_init: initial bias of the logits, which pairwise losses need, -10 in SigLIP; None for a model
        without bias, as in CLIP.
    :param graph_kind: `transformer` for the heterogeneous graph transformer; `convolution` for the graph convolutions
        of the public code of Ultrasound-CLIP.
    :param fusion: `gated` for gated attention to nodes and summary; `single-key` for that of the public code.
    :param graph_dim: width of a node.
    :param graph_heads: attention heads of the graph transformer, a divisor of `graph_dim`.
    :param graph_layers: layers of the graph transformer.
    :param graph_dropout: dropout within the graph encoder, at least 0 and below 1.
    :param graph_drop: share of the samples whose graph is dropped in training, so that the model also learns to embed
        texts without graph.
    :param fusion_heads: attention heads from the text to the graph, a divisor of `projection_dim`.
    :param graph_backend: `dense` for padded tensors, `dgl` for heterographs; the weights are the same.
    :raises DataError: if any value is not allowed, with all faults at once.
    """

    model_type = "ultrasound-clip"
    sub_configs = {"vision_config": AutoConfig, "text_config": AutoConfig}  # noqa: RUF012 (so declared by its base)
    has_no_defaults_at_init = True

    def __init__(
        self,
        vision_config: PretrainedConfig | Mapping[str, Any] | None = None,
        text_config: PretrainedConfig | Mapping[str, Any] | None = None,
        *,
        tasks: Sequence[str] = (),
        node_types: Sequence[int] = (),
        node_dimensions: Sequence[int] = (),
        graph_source: GraphSource | None = None,
        graph_places: bool = False,
        projection_dim: int = 512,
        image_pooling: Pooling | None = None,
        text_pooling: Pooling | None = None,
        patch_dropout: float = 0.0,
        logit_scale_init: float = math.log(1 / 0.07),
        logit_scale_max: float = math.log(100),
        logit_bias_init: float | None = None,
        graph_kind: GraphKind = "transformer",
        fusion: Fusion = "gated",
        graph_dim: int = 128,
        graph_heads: int = 4,
        graph_layers: int = 2,
        graph_dropout: float = 0.0,
        graph_drop: float = 0.1,
        fusion_heads: int = 8,
        graph_backend: Backend = "dense",
        **kwargs: Any,
    ) -> None:
        if vision_config is None or text_config is None:
            raise DataError("an Ultrasound-CLIP model needs two towers; give both vision_config and text_config")
        self.vision_config = tower_config(vision_config)
        self.text_config = tower_config(text_config)
        self.tasks = list(tasks)
        self.node_types = list(node_types)
        self.node_dimensions = list(node_dimensions)
        self.graph_source = graph_source
        self.graph_places = graph_places
        self.projection_dim = projection_dim
        self.image_pooling = image_pooling or default_pooling(self.vision_config)
        self.text_pooling = text_pooling or default_pooling(self.text_config)
        self.patch_dropout = patch_dropout
        self.logit_scale_init = logit_scale_init
        self.logit_scale_max = logit_scale_max
        self.logit_bias_init = logit_bias_init
        self.graph_kind = graph_kind
        self.fusion = fusion
        self.graph_dim = graph_dim
        self.graph_heads = graph_heads
        self.graph_layers = graph_layers
        self.graph_dropout = graph_dropout
        self.graph_drop = graph_drop
        self.fusion_heads = fusion_heads
        self.graph_backend = graph_backend
        if faults := self._faults():
            raise DataError(
                "the configuration of the model has faults:\n" + "\n".join(f"  - {fault}" for fault in faults)
            )
        super().__init__(**kwargs)

    @property
    def has_graph(self) -> bool:
        """Whether there is a graph encoder."""
        return bool(self.node_types)

    def _faults(self) -> list[str]:
        """Return a message for each value that is not allowed."""
        found = [
            f"{name} is {value}; it has to be a whole number above 0"
            for name in ("projection_dim", "graph_dim", "graph_heads", "graph_layers", "fusion_heads")
            if not (isinstance(value := getattr(self, name), int) and value > 0)
        ]
        found += [
            f"{name} is {value}; it has to be at least 0 and below 1"
            for name in ("graph_dropout", "graph_drop", "patch_dropout")
            if not 0 <= (value := getattr(self, name)) < 1
        ]
        for name, allowed in (
            ("image_pooling", get_args(Pooling)),
            ("text_pooling", get_args(Pooling)),
            ("graph_backend", get_args(Backend)),
            ("graph_source", (*get_args(GraphSource), None)),
            ("graph_kind", get_args(GraphKind)),
            ("fusion", get_args(Fusion)),
        ):
            if (value := getattr(self, name)) not in allowed:
                found.append(f"{name} is '{value}'; allowed: {', '.join(map(str, allowed))}")
        if self.graph_kind == "convolution" and (self.graph_backend, self.fusion) != ("dense", "single-key"):
            found.append("graph_kind 'convolution' needs graph_backend 'dense' and fusion 'single-key'")
        if len(self.node_types) != len(self.node_dimensions):
            found.append(f"{len(self.node_types)} node_types, but {len(self.node_dimensions)} node_dimensions")
        return found or self._indivisible()

    def _indivisible(self) -> list[str]:
        pairs = (("graph_dim", "graph_heads"), ("projection_dim", "fusion_heads"))
        return [
            f"{width} is {getattr(self, width)}, which {getattr(self, heads)} {heads} do not divide"
            for width, heads in pairs
            if getattr(self, width) % getattr(self, heads)
        ]


def graph_nodes(space: NodeSpace) -> dict[str, list[int]]:
    """Return the parameters of the configuration for a node space: `node_types` and `node_dimensions`.

    :raises DataError: if the space has no nodes, without which there is no graph.
    """
    if not len(space):
        raise DataError(
            f"the dimensions {', '.join(space.vocabulary.keys)} are of places, which have no nodes in graphs; add a "
            "dimension of diagnoses or attributes, give places nodes (model.graph_places = true), or build the model "
            'without graph (model.graph = "none")'
        )
    return {"node_types": space.types.tolist(), "node_dimensions": space.dimensions.tolist()}


def tower_config(config: PretrainedConfig | Mapping[str, Any]) -> PretrainedConfig:
    """Return the configuration of a tower.

    :param config: the configuration itself, or its `to_dict` form.
    :raises DataError: if it has no `model_type`, or more than 1,000 layers.
    """
    if isinstance(config, PretrainedConfig):
        return config
    plain = dict(config)
    if "model_type" not in plain:
        raise DataError("the configuration of a tower has no model_type, e.g. 'vit' or 'bert'; add it")
    layers = {name: value for name, value in plain.items() if "layers" in name and isinstance(value, int)}
    for name, value in layers.items():
        if value > _MOST_LAYERS:
            raise DataError(f"{name} of a tower is {value:,}; allowed: up to {_MOST_LAYERS:,}")
    found: PretrainedConfig = AutoConfig.for_model(plain.pop("model_type"), **plain)
    return found


def default_pooling(config: PretrainedConfig) -> Pooling:
    """Return the pooling for the family of a tower: `cls` or `pooler`."""
    return "cls" if config.model_type in _FIRST_TOKEN else "pooler"


AutoConfig.register(NamedTowerConfig.model_type, NamedTowerConfig)
