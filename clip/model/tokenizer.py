"""Tokenizers: loaded with a pretrained text tower, or trained on captions for a newly initialised one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import cast

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from udt.clip.model.loading import NO_CODE, Loading
from udt.clip.model.tower_registry import is_named, named_tower

PADDING, UNKNOWN, START, END = _SPECIAL = "[PAD]", "[UNK]", "[CLS]", "[SEP]"


def load_tokenizer(source: str) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a pretrained text tower.

    :param source: name of a tower of `udt.clip.model.tower_registry.TOWERS`, name on the hub, or folder.
    :raises DataError: if it cannot be loaded.
    """
    if is_named(source):
        return cast("Callable[[], PreTrainedTokenizerBase]", named_tower(source, "text").tokenizer)()
    with Loading(
        f"'{source}' has no tokenizer that can be loaded",
        "give the name of a text tower on the hub, or its folder (without network access, fetch it first: hf download "
        "NAME)",
    ):
        found: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(source, **NO_CODE)
    return found


def train_tokenizer(captions: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Train an uncased WordPiece tokenizer like BERT's on captions; the same captions give the same tokenizer.

    Its tokens are the characters that occur, and the most frequent words: captions use few words, and rare ones are
    split into characters.

    :param vocab_size: maximum number of tokens, with special tokens and characters, which are always included.
    """
    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for caption in captions:
        counts.update(word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(caption)))
    letters = sorted(set().union(*counts))
    words = sorted((word for word in counts if len(word) > 1), key=lambda word: (-counts[word], word))
    characters = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    pieces = [*characters, *words[: max(vocab_size - len(characters), 0)]]
    model = models.WordPiece({piece: id for id, piece in enumerate(pieces)}, unk_token=UNKNOWN)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = normalizer, splitter, decoders.WordPiece()
    ids = [(token, tokenizer.token_to_id(token)) for token in (START, END)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{START} $A {END}", special_tokens=ids)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PADDING, unk_token=UNKNOWN, cls_token=START, sep_token=END
    )
