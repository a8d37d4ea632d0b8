"""Ultrasound-CLIP: an image tower, a text tower, and a graph encoder whose output is fused into the text embedding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.utils.generic import ModelOutput

from udt.clip.model.config import UltrasoundClipConfig, graph_nodes
from udt.clip.model.fusion import GraphFusion, SingleKeyFusion
from udt.clip.model.graph_convolution import ConvolutionEncoder, GraphConvolution
from udt.clip.model.graph_encoder import GraphEncoder, GraphStates
from udt.clip.model.hgt import HgtLayer
from udt.clip.model.loading import NO_CODE, SAFE_WEIGHTS, Loading, check_complete, check_weights
from udt.clip.model.patch_dropout import check_patches, drop_patches
from udt.clip.model.towers import Tower, half_config, load_tower, not_loadable, width_of
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.graphkit.nodes import NodeSpace


@dataclass
class UltrasoundClipOutput(ModelOutput):
    """Embeddings and logits of a batch.

    :ivar image_embeds: (B, P) rows of length 1; None without images.
    :ivar text_embeds: (B, P) rows of length 1, fused with the graphs; None without texts.
    :ivar logit_scale: the factor of the logits, a scalar above 0.
    :ivar logits_per_image: (images, texts) scaled cosines; None without images or without texts.
    :ivar logit_bias: the bias of the logits of pairwise losses, a scalar; None for a model without one.
    :ivar text_lengths: (B,) lengths of the fused texts before they were normalised, if the fusion ends in LayerNorm
        (`single-key`), by which the public code scales its contrastive logits; otherwise None.
    """

    image_embeds: torch.Tensor | None = None
    text_embeds: torch.Tensor | None = None
    logit_scale: torch.Tensor | None = None
    logits_per_image: torch.Tensor | None = None
    logit_bias: torch.Tensor | None = None
    text_lengths: torch.Tensor | None = None


class UltrasoundClipModel(PreTrainedModel):
    """The dual encoder of Ultrasound-CLIP (arXiv 2604.01749, section 4).

    >>> model = UltrasoundClipModel.from_pretrained("runs/first/best")  # doctest: +SKIP
    """

    config_class = UltrasoundClipConfig
    base_model_prefix = "ultrasound_clip"
    main_input_name = "pixel_values"
    supports_gradient_checkpointing = True

    def __init__(self, config: UltrasoundClipConfig) -> None:
        super().__init__(config)
        width = config.projection_dim
        self.image_tower = Tower.of(config.vision_config, config.image_pooling)
        self.text_tower = Tower.of(config.text_config, config.text_pooling)
        if config.patch_dropout:
            drop_patches(self.image_tower.encoder, config.vision_config, config.patch_dropout)
        self.image_projection = nn.Linear(width_of(config.vision_config), width, bias=False)
        self.text_projection = nn.Linear(width_of(config.text_config), width, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(config.logit_scale_init))
        self.logit_bias: nn.Parameter | None = None
        if config.logit_bias_init is not None:
            self.logit_bias = nn.Parameter(torch.tensor(float(config.logit_bias_init)))
        self.graph_encoder: GraphEncoder | ConvolutionEncoder | None = None
        self.fusion: GraphFusion | SingleKeyFusion | None = None
        if config.has_graph:
            self.graph_encoder, self.fusion = _graph_encoder(config), _fusion(config)
        cast(Any, self).post_init()

    @classmethod
    def from_pretrained(cls, source: Any, *arguments: Any, **options: Any) -> Any:  # type: ignore[override]
        """Load the model that `save_pretrained` wrote; for the options see `transformers`.

        :param source: folder, or name on the hub.
        :raises DataError: if there is no model, its weights are pickled, or a file is damaged or incomplete.
        """
        check_weights(str(source))
        with_info = options.pop("output_loading_info", False)
        options = {**options, **SAFE_WEIGHTS, "output_loading_info": True}
        with Loading(f"{source}: holds no model that can be loaded", "give the folder of a model"):
            model, info = cast(Any, super()).from_pretrained(source, *arguments, **options)
        check_complete(model, info, str(source))
        return (model, info) if with_info else model

    @classmethod
    def from_towers(
        cls,
        image: str | PretrainedConfig,
        text: str | PretrainedConfig,
        vocabulary: Vocabulary | None = None,
        **settings: Any,
    ) -> UltrasoundClipModel:
        """Build a model for training from pretrained towers.

        :param image: name of a tower of `udt.clip.model.tower_registry.TOWERS`; name on the hub or folder of an image
            encoder or of a dual encoder such as CLIP, whose image half is taken; or a configuration, for a tower with
            newly initialised weights.
        :param text: likewise, for the text tower. If both name the same dual encoder, its projections and its scale are
            taken too.
        :param vocabulary: labels that become nodes of graphs; None for a model without graph.
        :param settings: other parameters of `UltrasoundClipConfig`.
        :raises DataError: if a tower cannot be loaded, or a setting is not allowed.
        """
        configs = _config(image, "image"), _config(text, "text")
        if vocabulary is not None:
            space = NodeSpace(vocabulary, places=settings.get("graph_places", False))
            settings = {"tasks": vocabulary.keys, **graph_nodes(space), **settings}
        dual = _load_dual(image) if isinstance(image, str) and image == text else None
        if dual is not None and hasattr(dual, "projection_dim"):
            settings = {"projection_dim": dual.projection_dim, **settings}
        config = UltrasoundClipConfig(*configs, **settings)
        if config.patch_dropout:
            _check_patches(config)
        model = cls(config)
        model.load_towers({half: name for half, name in (("image", image), ("text", text)) if isinstance(name, str)})
        if dual is not None:
            model._copy_projections(dual)
        return model

    def load_towers(self, sources: Mapping[str, str]) -> None:
        """Load the pretrained weights of towers.

        :param sources: `image` or `text` to name in the registry or on the hub, or folder.
        :raises DataError: if a tower cannot be loaded.
        """
        for half, source in sources.items():
            tower = self.tower(half)
            tower.load_state_dict(load_tower(source, half, tower.pooling).state_dict())

    def tower(self, half: str) -> Tower:
        """Return a tower.

        :param half: `image` or `text`.
        """
        return self.image_tower if half == "image" else self.text_tower

    def freeze(self, halves: Iterable[str]) -> None:
        """Exclude towers from training; their features can be cached (`udt.clip.data.features`).

        :param halves: of `image` and `text`.
        """
        for half in halves:
            self.tower(half).freeze()

    def _copy_projections(self, dual: nn.Module) -> None:
        """Copy the projections and the scale of a dual encoder, so that training continues from its embeddings."""
        pairs = ((self.image_projection, "visual_projection"), (self.text_projection, "text_projection"))
        with torch.no_grad():
            for own, name in pairs:
                theirs = getattr(dual, name, None)
                if not isinstance(theirs, nn.Linear):
                    nn.init.eye_(own.weight)
                elif theirs.weight.shape == own.weight.shape:
                    own.weight.copy_(theirs.weight)
            if isinstance(scale := getattr(dual, "logit_scale", None), nn.Parameter):
                self.logit_scale.copy_(scale.reshape(()).clamp(max=self.config.logit_scale_max))

    def forward(
        self,
        pixel_values: torch.Tensor | None = None,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        diagnosis_ids: torch.Tensor | None = None,
        attribute_ids: torch.Tensor | None = None,
        image_features: torch.Tensor | None = None,
        text_features: torch.Tensor | None = None,
    ) -> UltrasoundClipOutput:
        """Embed images, texts, or both; for the parameters see `get_image_features` and `get_text_features`.

        :raises DataError: if neither images nor texts are given, or graphs are given to a model without graph encoder.
        """
        has_image, has_text = pixel_values is not None or image_features is not None, input_ids is not None
        if not (has_image or has_text or text_features is not None):
            raise DataError("there is nothing to embed; give pixel_values, input_ids or both")
        images = self.get_image_features(pixel_values, image_features) if has_image else None
        texts = lengths = None
        if has_text or text_features is not None:
            fused = self._fused_texts(
                input_ids, attention_mask, token_type_ids, diagnosis_ids, attribute_ids, text_features
            )
            texts = _unit(fused)
            if diagnosis_ids is not None and self.config.fusion == "single-key":
                lengths = fused.norm(dim=-1)
        scale = self.logit_scale.clamp(max=self.config.logit_scale_max).exp()
        logits = scale * images @ texts.T if images is not None and texts is not None else None
        return UltrasoundClipOutput(images, texts, scale, logits, self.logit_bias, lengths)

    def get_image_features(
        self, pixel_values: torch.Tensor | None = None, image_features: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Embed images.

        :param pixel_values: (B, 3, H, W), as the processor makes them.
        :param image_features: (B, width), features of the image tower, instead of `pixel_values`.
        :returns: (B, P) rows of length 1.
        :raises DataError: if neither or both are given.
        """
        features = _features(self.image_tower, {"pixel_values": pixel_values}, image_features)
        return _unit(self.image_projection(features))

    def get_text_features(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        diagnosis_ids: torch.Tensor | None = None,
        attribute_ids: torch.Tensor | None = None,
        text_features: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Embed texts, with or without their graphs.

        :param input_ids: (B, tokens), as the tokenizer makes them; `attention_mask` and `token_type_ids` likewise.
        :param diagnosis_ids: (B, N1) ids in the node space, -1 for padding; None for texts without graphs.
        :param attribute_ids: (B, N2) likewise; given together with `diagnosis_ids`.
        :param text_features: (B, width), features of the text tower, instead of `input_ids`.
        :returns: (B, P) rows of length 1; the embedding of a text without nodes is that of the text alone.
        :raises DataError: if neither or both of texts and features are given, or only one of the two kinds of ids, or
            the model has no graph encoder.
        """
        return _unit(
            self._fused_texts(input_ids, attention_mask, token_type_ids, diagnosis_ids, attribute_ids, text_features)
        )

    def _fused_texts(
        self,
        input_ids: torch.Tensor | None,
        attention_mask: torch.Tensor | None,
        token_type_ids: torch.Tensor | None,
        diagnosis_ids: torch.Tensor | None,
        attribute_ids: torch.Tensor | None,
        text_features: torch.Tensor | None,
    ) -> torch.Tensor:
        """Return the embeddings of `get_text_features`, (B, P), before they are normalised."""
        tokens = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        text = self.text_projection(_features(self.text_tower, tokens, text_features))
        if diagnosis_ids is None and attribute_ids is None:
            return cast(torch.Tensor, text)
        if diagnosis_ids is None or attribute_ids is None:
            raise DataError(
                "a graph has diagnoses and attributes; give both diagnosis_ids and attribute_ids, or neither"
            )
        if self.graph_encoder is None or self.fusion is None:
            raise DataError("this model was made without graph encoder; leave out diagnosis_ids and attribute_ids")
        ids = (diagnosis_ids, attribute_ids)
        if self.training and self.config.graph_drop:
            ids = _drop_graphs(*ids, self.config.graph_drop)
        with _full_precision(text.device):
            weights = next(self.fusion.parameters())
            return cast(torch.Tensor, self.fusion(text.to(weights.dtype), self._encode_graphs(*ids)))

    def _encode_graphs(self, diagnosis_ids: torch.Tensor, attribute_ids: torch.Tensor) -> GraphStates:
        encoder = cast("GraphEncoder | ConvolutionEncoder", self.graph_encoder)
        if isinstance(encoder, ConvolutionEncoder) or self.config.graph_backend == "dense":
            return cast(GraphStates, encoder(diagnosis_ids, attribute_ids))
        from udt.clip.model.hgt_dgl import encode_dgl, heterograph

        return encode_dgl(encoder, heterograph(diagnosis_ids, attribute_ids))

    def _init_weights(self, module: nn.Module) -> None:
        """Initialise weights that a checkpoint does not contain; `transformers` calls it module by module."""
        if isinstance(module, HgtLayer | GraphConvolution):
            module.reset_parameters()
        elif isinstance(module, nn.MultiheadAttention):
            module._reset_parameters()
        elif isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
            if getattr(module, "bias", None) is not None:
                nn.init.zeros_(cast(torch.Tensor, module.bias))
        elif isinstance(module, nn.LayerNorm):
            module.reset_parameters()


def _full_precision(device: torch.device) -> AbstractContextManager[object]:
    """Disable autocast: in small products, converting the weights takes longer than half the precision saves."""
    return nullcontext() if device.type == "meta" else torch.autocast(device.type, enabled=False)


def _graph_encoder(config: UltrasoundClipConfig) -> GraphEncoder | ConvolutionEncoder:
    if config.graph_kind == "convolution":
        widths = config.graph_dim, config.projection_dim
        return ConvolutionEncoder(config.node_types, *widths, config.graph_layers, config.graph_dropout)
    return GraphEncoder(
        config.node_types,
        config.node_dimensions,
        config.graph_dim,
        config.graph_heads,
        config.graph_layers,
        config.graph_dropout,
    )


def _fusion(config: UltrasoundClipConfig) -> GraphFusion | SingleKeyFusion:
    if config.fusion == "gated":
        return GraphFusion(config.projection_dim, config.graph_dim, config.fusion_heads)
    summary = config.projection_dim if config.graph_kind == "convolution" else config.graph_dim
    return SingleKeyFusion(config.projection_dim, summary, config.fusion_heads)


def _config(source: str | PretrainedConfig, half: str) -> PretrainedConfig:
    return half_config(source, half) if isinstance(source, str) else source


def _check_patches(config: UltrasoundClipConfig) -> None:
    with torch.device("meta"):
        encoder = Tower.of(config.vision_config, config.image_pooling).encoder
        drop_patches(encoder, config.vision_config, config.patch_dropout)
        check_patches(encoder, config.vision_config)


def _features(tower: Tower, inputs: Mapping[str, torch.Tensor | None], features: torch.Tensor | None) -> torch.Tensor:
    """Return the features (B, width) of a tower: computed from its inputs, or given."""
    present = {name: part for name, part in inputs.items() if part is not None}
    main = next(iter(inputs))
    if (main in present) == (features is not None):
        raise DataError(f"give either {main} or the features that the tower makes of them")
    found: torch.Tensor = tower(present) if features is None else features
    return found


def _unit(rows: torch.Tensor) -> torch.Tensor:
    return nn.functional.normalize(rows.to(torch.promote_types(rows.dtype, torch.float32)), dim=-1)


def _drop_graphs(
    diagnosis_ids: torch.Tensor, attribute_ids: torch.Tensor, share: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Replace the ids of a random share of the samples by padding."""
    dropped = torch.rand(len(diagnosis_ids), 1, device=diagnosis_ids.device) < share
    return diagnosis_ids.masked_fill(dropped, -1), attribute_ids.masked_fill(dropped, -1)


def _load_dual(source: str) -> nn.Module | None:
    """Load the model `source` with both towers; None if it is a single encoder."""
    with not_loadable(source, "image"):
        config = AutoConfig.from_pretrained(source, **NO_CODE)
        if not hasattr(config, "vision_config"):
            return None
        found: nn.Module = AutoModel.from_pretrained(source, **NO_CODE, **SAFE_WEIGHTS)
    return found


AutoConfig.register(UltrasoundClipConfig.model_type, UltrasoundClipConfig)
AutoModel.register(UltrasoundClipConfig, UltrasoundClipModel)
