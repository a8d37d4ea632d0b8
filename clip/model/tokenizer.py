"""Tokenizers: of a pretrained text tower, or learnt from captions for one with fresh weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from udt.core.errors import DataError

PADDING, UNKNOWN, START, END = _SPECIAL = "[PAD]", "[UNK]", "[CLS]", "[SEP]"


def load_tokenizer(source: str) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a pretrained text tower.

    :param source: name on the hub, or folder.
    :raises DataError: if there is none.
    """
    try:
        found: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise DataError(
            f"'{source}' has no tokenizer that can be loaded; give the name of a text tower on the hub, or its folder "
            "(download it first if there is no network: hf download NAME)"
        ) from error
    return found


def train_tokenizer(captions: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Train an uncased WordPiece tokenizer like BERT's on captions; the same captions give the same tokenizer.

    Its pieces are the characters that occur and the most frequent words as wholes; rare words are split into
    characters.

    :param vocab_size: tokens at most, special ones and characters included; these are never left out.
    """
    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for caption in captions:
        counts.update(word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(caption)))
    letters = sorted(set().union(*counts))
    words = sorted((word for word in counts if len(word) > 1), key=lambda word: (-counts[word], word))
    spelt = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    pieces = [*spelt, *words[: max(vocab_size - len(spelt), 0)]]
    model = models.WordPiece({piece: id for id, piece in enumerate(pieces)}, unk_token=UNKNOWN)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = normalizer, splitter, decoders.WordPiece()
    ids = [(token, tokenizer.token_to_id(token)) for token in (START, END)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{START} $A {END}", special_tokens=ids)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PADDING, unk_token=UNKNOWN, cls_token=START, sep_token=END
    )
