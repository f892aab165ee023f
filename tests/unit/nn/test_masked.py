"""Masked convolutions let through exactly what comes before in reading order."""

import pytest
import torch
from torch import Tensor

from genstudio.nn.masked import Kind, MaskedConv2d, subpixel_order


def influence(layer: MaskedConv2d, channel: int, row: int, column: int, size: int) -> Tensor:
    """Which of (inputs, H, W) one output number depends on."""
    x = torch.randn(1, layer.in_channels, size, size, requires_grad=True)
    layer(x)[0, channel, row, column].backward()
    assert x.grad is not None
    return x.grad[0] != 0


@pytest.mark.parametrize("kind", ["A", "B"])
def test_that_a_layer_sees_all_that_is_before_and_nothing_that_is_after(kind: Kind) -> None:
    layer, size = MaskedConv2d(6, 6, kind, subpixels=3, above=2, left=2, right=2), 5
    for channel in range(6):
        seen = influence(layer, channel, 3, 2, size)
        for other in range(6):
            wanted = torch.zeros(size, size, dtype=torch.bool)
            wanted[1:3, 0:5] = True
            wanted[3, 0:2] = True
            own, before = channel % 3, other % 3
            wanted[3, 2] = before < own or (kind == "B" and before == own)
            assert torch.equal(seen[other], wanted), (channel, other)


def test_that_masks_are_no_part_of_a_checkpoint_and_weights_keep_what_is_masked() -> None:
    layer = MaskedConv2d(3, 3, "A", subpixels=3, left=1)
    before = layer.weight.clone()
    layer(torch.randn(1, 3, 4, 4))
    assert set(layer.state_dict()) == {"weight", "bias"}
    assert torch.equal(layer.weight, before)


def test_that_channels_are_a_multiple_of_the_subpixels() -> None:
    with pytest.raises(ValueError, match="3 sub-pixels"):
        MaskedConv2d(3, 8, "A", subpixels=3)


def test_that_in_subpixel_order_what_is_visible_is_a_prefix() -> None:
    layer = MaskedConv2d(6, 9, "B", subpixels=3)
    ordered = layer.mask[subpixel_order(9, 3)][:, subpixel_order(6, 3)][:, :, 0, 0]
    assert ordered.sum(1).tolist() == [2, 2, 2, 4, 4, 4, 6, 6, 6]
    assert bool((ordered.diff(dim=1) <= 0).all())
