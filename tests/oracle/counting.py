"""Counts a torch module's multiply-adds and parameters: the reference for Foretime's own totals."""
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


def count_macs(module, inputs=(), keywords=None):
    """MACs of one forward pass: convolutions and matrix products, two of FlopCounterMode's flops each."""
    # The fused encoder kernels and the CPU flash attention are single operators that
    # FlopCounterMode does not know; without them attention is the products it is made of.
    torch.backends.mha.set_fastpath_enabled(False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        module(*inputs, **(keywords or {}))
    return counter.get_total_flops() // 2


def count_parameters(module):
    return sum(p.numel() for p in module.parameters())
