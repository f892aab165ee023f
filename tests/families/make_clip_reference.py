"""Makes `clip_weights/`: tiny CLIP weights, and what the public implementation makes of pictures and texts with them.

Run with a Python that has `transformers` (5.23 was used) and torch; the studio itself never needs it:
`python tests/families/make_clip_reference.py`.
"""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer  # type: ignore[import-not-found]
from transformers.convert_slow_tokenizer import bytes_to_unicode  # type: ignore[import-not-found]

FOLDER = Path(__file__).parent / "clip_weights"
SENTENCES = "a red heart the smiling cat with heart eyes a photo of the red cat it's the cat's heart straße ñandú"
TEXTS = (
    "a red heart",
    "A Red  HEART!!",
    "the cat's heart-eyes, isn't it?",
    "",
    "   ",
    "naïve café ÑANDÚ straße",
    "日本語 ❤️ 👩‍🚀 2024½ x²",
    "don'T we'll 'sam' !'s",
    "tab\tnew\nline",
    "e\u0301 and \u00e9",
    "the smiling cat with heart eyes " * 5,
    "under_score #hash @at 3.14",
)


def merges_of(corpus: list[str], signs: dict[int, str], count: int) -> list[tuple[str, str]]:
    """The most frequent pairs, one after another (Sennrich et al. 2016, algorithm 1)."""
    words = [[*(signs[byte] for byte in word.encode()[:-1]), signs[word.encode()[-1]] + "</w>"] for word in corpus]
    merges = []
    for _ in range(count):
        pairs = Counter(pair for word in words for pair in pairwise(word))
        if not pairs:
            break
        best = max(sorted(pairs), key=pairs.__getitem__)
        merges.append(best)
        for word in words:
            place = 0
            while place < len(word) - 1:
                if (word[place], word[place + 1]) == best:
                    word[place : place + 2] = ["".join(best)]
                place += 1
    return merges


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    signs = bytes_to_unicode()
    merges = merges_of(SENTENCES.split(), signs, 60)
    tokens = [*signs.values(), *(sign + "</w>" for sign in signs.values()), *map("".join, merges)]
    vocabulary = {token: number for number, token in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}
    (FOLDER / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (FOLDER / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    ends = {"bos_token_id": len(vocabulary) - 2, "eos_token_id": len(vocabulary) - 1, "pad_token_id": 1}
    config = CLIPConfig(
        text_config={"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 3,
                     "max_position_embeddings": 20, "vocab_size": len(vocabulary), **ends},
        vision_config={"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
                       "image_size": 30, "patch_size": 10},
        projection_dim=16,
    )  # fmt: skip
    torch.manual_seed(0)
    model = CLIPModel(config).eval()
    with torch.no_grad():  # biases and norms that do something
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter += 0.1 * torch.randn_like(parameter)
    halves = {name: tensor.half() for name, tensor in model.state_dict().items()}
    save_file(halves, FOLDER / "model.safetensors", metadata={"format": "pt"})
    model.load_state_dict({name: tensor.float() for name, tensor in halves.items()})
    (FOLDER / "config.json").write_text(json.dumps(config.to_dict(), indent=1, default=str))
    prepare = CLIPImageProcessorPil(size={"shortest_edge": 30}, crop_size={"height": 30, "width": 30})
    (FOLDER / "preprocessor_config.json").write_text(json.dumps(prepare.to_dict(), indent=1, default=str))
    (FOLDER / "reference.json").write_text(json.dumps(reference(model, prepare, vocabulary, merges)))


@torch.no_grad()
def reference(
    model: "CLIPModel", prepare: "CLIPImageProcessorPil", vocabulary: dict[str, int], merges: list[tuple[str, str]]
) -> dict[str, object]:
    """What the public implementation makes of texts and of two made-up pictures, as numbers."""
    reader = CLIPTokenizer(vocab=vocabulary, merges=merges)
    numbers = [reader(text, truncation=True, max_length=20)["input_ids"] for text in TEXTS]
    texts = [model.text_model(torch.tensor([row])) for row in numbers]
    wholes = torch.cat([model.text_projection(text.pooler_output) for text in texts])
    pixels = torch.randn(2, 3, 30, 30, generator=torch.Generator().manual_seed(1))
    seen = model.visual_projection(model.vision_model(pixels).pooler_output)
    rows, columns = torch.meshgrid(torch.arange(20), torch.arange(26), indexing="ij")
    picture = torch.stack([rows * 12, columns * 9, (rows * columns) % 200]).to(torch.uint8)
    prepared = prepare(picture.permute(1, 2, 0).numpy(), return_tensors="pt")["pixel_values"]
    return {
        "texts": TEXTS,
        "numbers": numbers,
        "wholes": wholes.tolist(),
        "words": texts[0].last_hidden_state[0].tolist(),
        "seen": seen.tolist(),
        "prepared": prepared[0].tolist(),
        "scale": float(model.logit_scale),
    }


if __name__ == "__main__":
    main()
