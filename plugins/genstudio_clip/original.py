"""The towers of the paper (Radford et al. 2021, sections 2.4 and 2.5), for weights that were trained elsewhere.

The tower of pictures is a Vision Transformer (Dosovitskiy et al. 2021) with one more norm in front; what it says at a
token of its own stands for the whole picture. The tower of texts is a causal Transformer. Parameters have the names of
the common layout, so that a file of weights is loaded as it is.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from genstudio_clip.tokens import Tokens
from genstudio_clip.towers import Towers, last
from genstudio_clip.transformer import Activation, Transformer, quick_gelu

_ACTIVATIONS: dict[str, Activation] = {"quick_gelu": quick_gelu, "gelu": F.gelu}


class _Tower(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=())

    num_hidden_layers: int = Field(12, ge=1, le=128)
    hidden_act: Literal["quick_gelu", "gelu"] = "quick_gelu"
    layer_norm_eps: float = Field(1e-5, gt=0, lt=1)


class TextPlan(_Tower):
    """Sizes of the tower of texts, as `config.json` names them; what it leaves out is as in the paper's ViT-B/32."""

    hidden_size: int = Field(512, ge=1, le=16384)
    intermediate_size: int = Field(2048, ge=1, le=65536)
    num_attention_heads: int = Field(8, ge=1, le=256)
    max_position_embeddings: int = Field(77, ge=3, le=4096)
    vocab_size: int = Field(49408, ge=2, le=1_000_000)


class PicturePlan(_Tower):
    """Sizes of the tower of pictures."""

    hidden_size: int = Field(768, ge=1, le=16384)
    intermediate_size: int = Field(3072, ge=1, le=65536)
    num_attention_heads: int = Field(12, ge=1, le=256)
    image_size: int = Field(224, ge=1, le=4096)
    patch_size: int = Field(32, ge=1, le=1024)
    num_channels: Literal[3] = 3


class Plan(BaseModel):
    """Both towers, and how pictures are prepared: mean and spread of each colour where 1 is the lightest."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text_config: TextPlan = TextPlan()
    vision_config: PicturePlan = PicturePlan()
    projection_dim: int = Field(512, ge=1, le=16384)
    image_mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    image_std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)


class TextEmbeddings(nn.Module):
    """A vector for each token, and for each place."""

    def __init__(self, plan: TextPlan) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(plan.vocab_size, plan.hidden_size)
        self.position_embedding = nn.Embedding(plan.max_position_embeddings, plan.hidden_size)

    def forward(self, rows: Tensor) -> Tensor:
        """(N, T) to (N, T, D)."""
        out: Tensor = self.token_embedding(rows) + self.position_embedding.weight[: rows.shape[1]]
        return out


class TextModel(nn.Module):
    """Tokens to their vectors."""

    def __init__(self, plan: TextPlan) -> None:
        super().__init__()
        self.embeddings = TextEmbeddings(plan)
        self.encoder = _encoder(plan, plan.hidden_size, plan.num_attention_heads, plan.intermediate_size)
        self.final_layer_norm = nn.LayerNorm(plan.hidden_size, plan.layer_norm_eps)

    def forward(self, rows: Tensor) -> Tensor:
        """(N, T) to (N, T, D)."""
        out: Tensor = self.final_layer_norm(self.encoder(self.embeddings(rows), True))
        return out


class PictureEmbeddings(nn.Module):
    """A vector for the whole, one for each patch, and one for each place."""

    def __init__(self, plan: PicturePlan) -> None:
        super().__init__()
        width, patch = plan.hidden_size, plan.patch_size
        places = (plan.image_size // patch) ** 2 + 1
        self.class_embedding = nn.Parameter(torch.randn(width))
        self.patch_embedding = nn.Conv2d(3, width, patch, stride=patch, bias=False)
        self.position_embedding = nn.Embedding(places, width)

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, S, S) to (N, 1 + patches, D)."""
        patches = self.patch_embedding(pictures).flatten(2).transpose(1, 2)
        whole = self.class_embedding.expand(len(pictures), 1, -1)
        return torch.cat([whole, patches], 1) + self.position_embedding.weight


class PictureModel(nn.Module):
    """Pictures to a vector each."""

    def __init__(self, plan: PicturePlan) -> None:
        super().__init__()
        width, epsilon = plan.hidden_size, plan.layer_norm_eps
        self.embeddings = PictureEmbeddings(plan)
        self.pre_layrnorm = nn.LayerNorm(width, epsilon)  # the layout's spelling
        self.encoder = _encoder(plan, width, plan.num_attention_heads, plan.intermediate_size)
        self.post_layernorm = nn.LayerNorm(width, epsilon)

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, S, S) to (N, D)."""
        rows = self.encoder(self.pre_layrnorm(self.embeddings(pictures)), False)
        out: Tensor = self.post_layernorm(rows[:, 0])
        return out


def _encoder(plan: _Tower, width: int, heads: int, inner: int) -> Transformer:
    activation = _ACTIVATIONS[plan.hidden_act]
    return Transformer(width, plan.num_hidden_layers, heads, inner, activation, plan.layer_norm_eps)


class OriginalTowers(Towers):
    """See the module."""

    mean: Tensor
    spread: Tensor

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.side = plan.vision_config.image_size
        self.text_shape = (plan.text_config.max_position_embeddings, plan.text_config.hidden_size)
        self.match_width = plan.projection_dim
        self.text_model, self.vision_model = TextModel(plan.text_config), PictureModel(plan.vision_config)
        self.text_projection = nn.Linear(plan.text_config.hidden_size, plan.projection_dim, bias=False)
        self.visual_projection = nn.Linear(plan.vision_config.hidden_size, plan.projection_dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(2.6592))
        self.register_buffer("mean", torch.tensor(plan.image_mean).view(3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(plan.image_std).view(3, 1, 1), persistent=False)

    def see(self, pictures: Tensor) -> Tensor:
        """Pictures are laid over white, made as large as the tower wants them, and what is too long is cut off."""
        seen: Tensor = self.visual_projection(self.vision_model(self.prepared(pictures)))
        return seen

    def prepared(self, pictures: Tensor) -> Tensor:
        """(N, 4, H, W) as `layered` gives them to (N, 3, S, S)."""
        colours = (pictures[:, :3] + 1 - pictures[:, 3:] + 1) / 2  # transparent parts are 0 there, and white is 1
        height, width = colours.shape[2:]
        short = min(height, width)
        size = [self.side * height // short, self.side * width // short]
        enlarged = F.interpolate(colours, size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
        top, left = ((side - self.side) // 2 for side in size)
        cut = enlarged[:, :, top : top + self.side, left : left + self.side]
        return (cut - self.mean) / self.spread

    def hear(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """What is said at the end of a text stands for the whole."""
        words: Tensor = self.text_model(tokens.rows)
        return words, self.text_projection(last(words, tokens.known))

    def keep_most(self) -> None:
        """Let only the last layer of each tower and what follows it learn, for there are few pictures to learn from."""
        self.requires_grad_(False)
        for part in (
            self.text_model.encoder.layers[-1], self.text_model.final_layer_norm, self.text_projection,
            self.vision_model.encoder.layers[-1], self.vision_model.post_layernorm, self.visual_projection,
        ):  # fmt: skip
            part.requires_grad_(True)
        self.logit_scale.requires_grad_(True)
