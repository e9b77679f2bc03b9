"""Small modules of our own, for what image and text networks do not use: recurrence, other ranks, control flow.

Each entry of TOYS takes the batch size and returns the module, its inputs, and the roles of their axes.
"""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

SEQUENCE = {"x": ("batch", "seq", None)}
IMAGE = {"x": ("batch", None, "height", "width")}


class Fn(nn.Module):
    """A module of one function of x and some layers."""

    def __init__(self, function, **layers):
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x):
        return self.function(self, x)


def recurrent(kind, size=64, length=20, **options):
    def make(batch):
        layer = kind(32, size, batch_first=True, **options)
        width = (options.get("proj_size") or size) * (2 if options.get("bidirectional") else 1)
        head = nn.Linear(width, 10)
        module = Fn(lambda m, x: m.head(m.rnn(x)[0]), rnn=layer, head=head)
        return module, {"x": torch.rand(batch, length, 32)}, SEQUENCE
    return make


def crnn(batch):
    def forward(m, x):
        y = m.conv(x)  # (n, 64, 1, w)
        return m.head(m.rnn(y.squeeze(2).permute(0, 2, 1))[0]).log_softmax(-1)
    conv = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU(), nn.MaxPool2d((2, 1)), nn.Conv2d(32, 64, 3, (2, 1), 1),
                         nn.BatchNorm2d(64), nn.ReLU(), nn.AvgPool2d((4, 1)))
    return Fn(forward, conv=conv, rnn=nn.LSTM(64, 48, bidirectional=True, batch_first=True), head=nn.Linear(96, 37)), \
        {"x": torch.rand(batch, 3, 32, 64)}, IMAGE


def sequential(shape, axes, *layers):
    def make(batch):
        return nn.Sequential(*[layer() for layer in layers]), {"x": torch.rand(batch, *shape)}, {"x": axes}
    return make


def causal(batch):
    layers = [nn.Conv1d(16, 16, 3, dilation=d) for d in (1, 2, 4, 8)]
    def forward(m, x):
        for layer in m.layers:
            x = x + torch.tanh(layer(F.pad(x, (2 * layer.dilation[0], 0))))
        return x
    return Fn(forward, layers=nn.ModuleList(layers)), {"x": torch.rand(batch, 16, 100)}, {"x": ("batch", None, "seq")}


def unet(batch, conv=nn.Conv2d, up=nn.ConvTranspose2d, pool=F.max_pool2d, size=(64, 96)):
    def block(a, b):
        return nn.Sequential(conv(a, b, 3, padding=1), nn.ReLU(), conv(b, b, 3, padding=1), nn.ReLU())
    def forward(m, x):
        a = m.down1(x)
        b = m.down2(pool(a, 2))
        c = m.down3(pool(b, 2))
        b = m.up2(torch.cat([m.lift2(c), b], 1))
        return m.head(m.up1(torch.cat([m.lift1(b), a], 1)))
    module = Fn(forward, down1=block(3, 16), down2=block(16, 32), down3=block(32, 64), lift2=up(64, 32, 2, 2), up2=block(64, 32),
                lift1=up(32, 16, 2, 2), up1=block(32, 16), head=conv(16, 5, 1))
    return module, {"x": torch.rand(batch, 3, *size)}, IMAGE if len(size) == 2 else {"x": ("batch", None, None, None, None)}


def pixel_shuffle(batch):
    def forward(m, x):
        y = F.pixel_shuffle(m.a(x), 2)
        return F.pixel_unshuffle(y, 4), F.channel_shuffle(m.b(x), 4)
    return Fn(forward, a=nn.Conv2d(3, 16, 3, padding=1), b=nn.Conv2d(3, 16, 3, padding=1)), \
        {"x": torch.rand(batch, 3, 32, 48)}, IMAGE


def einsums(batch):
    w = nn.Parameter(torch.rand(8, 16, 24))
    def forward(m, x):
        heads = torch.einsum("bsd,hde->bhse", x, m.w)
        scores = torch.einsum("bhqe,bhke->bhqk", heads, heads).softmax(-1)
        mixed = torch.einsum("bhqk,bhke->bqhe", scores, heads)
        return mixed.flatten(2), torch.einsum("bsd->bds", x), torch.einsum("bsd,bsd->bs", x, x)
    return Fn(forward, w=w), {"x": torch.rand(batch, 10, 16)}, SEQUENCE


def pooling(batch):
    def forward(m, x):
        return (F.max_pool2d(x, 3, 2, 1, ceil_mode=True), F.max_pool2d(x, 3, 2, dilation=2), F.avg_pool2d(x, 3, 2, 1),
                F.avg_pool2d(x, 2, 2, ceil_mode=True, count_include_pad=False), F.adaptive_avg_pool2d(x, 1),
                F.adaptive_max_pool2d(x, 1), F.adaptive_avg_pool2d(x, (8, 6)), F.lp_pool2d(x, 2, 3, 2),
                F.max_pool1d(x.flatten(2), 5, 3), F.avg_pool1d(x.flatten(2), 4, 4), F.max_pool3d(x.unsqueeze(1), 2))
    return Fn(forward), {"x": torch.rand(batch, 4, 32, 30)}, IMAGE


def padding(batch):
    def forward(m, x):
        return (F.pad(x, (1, 2, 3, 4)), F.pad(x, (1, 1, 2, 2), "reflect"), F.pad(x, (2, 1, 0, 3), "replicate"),
                F.pad(x, (1, 1, 1, 1), "circular"), F.pad(x, (-1, -2)), torch.roll(x, (3, -2), (2, 3)), x.flip(3),
                F.unfold(x, 3, padding=1), x.unfold(2, 5, 3))
    return Fn(forward), {"x": torch.rand(batch, 3, 17, 19)}, IMAGE


def resizing(batch):
    def forward(m, x):
        return (F.interpolate(x, scale_factor=2), F.interpolate(x, size=(50, 31), mode="bilinear", align_corners=False),
                F.interpolate(x, scale_factor=(1.5, 0.7), mode="bilinear", align_corners=True),
                F.interpolate(x, scale_factor=2.0, mode="bicubic"), F.interpolate(x.flatten(2), scale_factor=3, mode="linear"),
                F.interpolate(x, size=(x.shape[2] * 2, x.shape[3] // 2)))
    return Fn(forward), {"x": torch.rand(batch, 3, 20, 24)}, IMAGE


def indexing(batch):
    def forward(m, x):
        index = torch.tensor([0, 3, 5])
        y = x.clone()
        y[:, 1:3] = 0.5
        return (x[:, ::2, 3:-1], x[:, index], x[..., -1], x.gather(1, torch.zeros(x.shape[0], 2, x.shape[2], dtype=torch.int64)),
                x.index_select(2, index), torch.tril(x), x.chunk(3, 1)[1], x.split([2, 4, 6], 1)[2], torch.stack([x, x], 1),
                x.unbind(1)[0], x.repeat(1, 2, 3), x.expand(4, *x.shape), x.repeat_interleave(2, 1), y, torch.where(x > 0.5, x, -x),
                x.scatter(1, torch.zeros(x.shape[0], 1, 4, dtype=torch.int64), 2.0), F.one_hot(x.argmax(-1), x.shape[-1]),
                torch.arange(x.shape[1]) * 2, x.new_zeros(x.shape[0], 7), x.masked_fill(x < 0.2, 0.0), x.movedim(1, 2), x.view(x.shape[0], -1, 3))
    return Fn(forward), {"x": torch.rand(batch, 12, 9)}, SEQUENCE


def reductions(batch):
    def forward(m, x):
        return (x.mean((2, 3)), x.sum(1, keepdim=True), x.amax(-1), x.amin((1, 2)), x.prod(1), x.var(2), x.std((2, 3)), x.norm(dim=1),
                x.logsumexp(3), x.argmax(1), x.argmin(), x.cumsum(2), x.max(1)[0], x.max(), x.softmax(1), x.log_softmax(-1),
                (x > 0.5).any(1), (x > 0.5).all(), F.normalize(x, dim=1), torch.linalg.vector_norm(x, 1, 2))
    return Fn(forward), {"x": torch.rand(batch, 4, 6, 5)}, IMAGE


def norms(batch):
    def forward(m, x):
        y = m.group(m.instance(m.batch(x)))
        return m.layer(y), m.rms(y), F.local_response_norm(y, 3), m.prelu(y)
    return Fn(forward, batch=nn.BatchNorm2d(8), instance=nn.InstanceNorm2d(8, affine=True), group=nn.GroupNorm(4, 8),
              layer=nn.LayerNorm([10, 12]), rms=nn.RMSNorm(12), prelu=nn.PReLU(8)), {"x": torch.rand(batch, 8, 10, 12)}, IMAGE


def activations(batch):
    names = ("relu", "relu6", "gelu", "silu", "mish", "hardswish", "hardsigmoid", "hardtanh", "elu", "selu", "celu", "leaky_relu", "softplus",
             "softsign", "logsigmoid", "tanhshrink", "softshrink", "hardshrink", "sigmoid", "tanh", "glu")
    def forward(m, x):
        more = [F.gelu(x, approximate="tanh"), x.clamp(0.1, 0.9), x.clamp_min(0.2), torch.erf(x), x.pow(2), x.rsqrt(), x.round(), x.floor(), x % 2,
                torch.atan2(x, x + 1), x.half().float(), x.sign(), x.reciprocal()]
        return tuple(getattr(F, n)(x) for n in names) + tuple(more)
    return Fn(forward), {"x": torch.rand(batch, 6, 8)}, SEQUENCE


def grid_sample(batch):
    def forward(m, x):
        theta = m.locate(F.adaptive_avg_pool2d(x, 4).flatten(1)).view(-1, 2, 3)
        grid = F.affine_grid(theta, [x.shape[0], 3, 20, 24], align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)
    return Fn(forward, locate=nn.Linear(48, 6)), {"x": torch.rand(batch, 3, 32, 32)}, {"x": ("batch", None, None, None)}


def nonzero(batch):
    def forward(m, x):
        scores = m.score(x)
        where = (scores > 0).nonzero()
        return where, x[scores[..., 0] > 0], m.tail(x[scores[..., 0] > 0])
    return Fn(forward, score=nn.Linear(16, 1), tail=nn.Linear(16, 4)), {"x": torch.randn(batch, 50, 16)}, SEQUENCE


def topk_sort(batch):
    def forward(m, x):
        values, indices = x.topk(5, -1)
        return values, indices, x.sort(1)[0], x.argsort(-1, descending=True), x.topk(min(3, x.shape[1]), 1)[1]
    return Fn(forward), {"x": torch.rand(batch, 12, 20)}, SEQUENCE


def spectrogram(batch):
    def forward(m, x):
        stft = torch.stft(x, 64, 32, window=m.window, return_complex=True)
        power = torch.view_as_real(stft).pow(2).sum(-1)
        return (power + 1e-6).log(), torch.matmul(m.mel, power)
    module = Fn(forward)
    module.register_buffer("window", torch.hann_window(64))
    module.register_buffer("mel", torch.rand(20, 33))
    return module, {"x": torch.rand(batch, 1600)}, {"x": ("batch", "seq")}


def transformer(batch, decoder=False):
    if not decoder:
        layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)
        return Fn(lambda m, x: m.stack(x), stack=nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)), \
            {"x": torch.rand(batch, 20, 64)}, SEQUENCE
    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.stack = nn.TransformerDecoder(nn.TransformerDecoderLayer(64, 4, 128, batch_first=True, norm_first=True), 2)

        def forward(self, x, memory):
            mask = torch.triu(torch.full((x.shape[1], x.shape[1]), float("-inf")), 1)
            return self.stack(x, memory, tgt_mask=mask)
    return Decoder(), {"x": torch.rand(batch, 12, 64), "memory": torch.rand(batch, 20, 64)}, SEQUENCE | {"memory": ("batch", None, None)}


def embedding_bag(batch):
    def forward(m, x):
        return m.head(torch.cat([m.table(x).mean(1), m.bag(x)], 1))
    return Fn(forward, table=nn.Embedding(500, 32), bag=nn.EmbeddingBag(500, 32, mode="sum"), head=nn.Linear(64, 8)), \
        {"x": torch.randint(0, 500, (batch, 7))}, {"x": ("batch", None)}


def gated(batch):
    """The module that functions.py writes out with functions."""
    def block(m, x):
        return m.down(F.leaky_relu(m.up(x), 0.2) * torch.sigmoid(m.gate(x)))
    def forward(m, x):
        y = x + block(m, x)
        return y + block(m, y)
    layers = {name: nn.Linear(*sizes, bias=False) for name, sizes in dict(up=(32, 64), gate=(32, 64), down=(64, 32)).items()}
    return Fn(forward, **layers), {"x": torch.rand(batch, 10, 32)}, SEQUENCE


# Control flow that TorchScript keeps.

class ScriptLoop(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(x.size(1)):
            x = torch.tanh(self.cell(x))
        return x


class ScriptIf(nn.Module):
    def __init__(self):
        super().__init__()
        self.small = nn.Linear(16, 8)
        self.big = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 8))

    def forward(self, x: Tensor) -> Tensor:
        if bool(x.sum() > 3):
            y = self.big(x)
        else:
            y = self.small(x)
        return y.relu()


class ScriptWhile(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        steps = 0
        while bool(x.abs().mean() > 0.1) and steps < 5:
            x = self.conv(x)
            steps += 1
        return x


class ScriptNested(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(16, 16)
        self.b = nn.Linear(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        for i in range(4):
            if i % 2 == 0:
                if bool(x.mean() > 0):
                    x = self.a(x)
                else:
                    x = self.b(x)
            else:
                x = x + 1
        return x


class ScriptList(nn.Module):
    """A list that grows in a loop: sequence types in ONNX."""

    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        parts: list[Tensor] = []
        h = x[:, 0]
        for i in range(x.size(1)):
            h = torch.tanh(self.cell(h) + x[:, i])
            parts.append(h)
        return torch.stack(parts, 1)


class ScriptOptional(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(16, 16)

    def forward(self, x: Tensor, scale: Tensor) -> Tensor:
        extra: Tensor | None = None
        if bool(scale.sum() > 0):
            extra = self.layer(x)
        return x if extra is None else x + extra


# Control flow that torch.export keeps.

class Cond(nn.Module):
    def __init__(self, nested=False):
        super().__init__()
        self.small, self.big, self.nested = nn.Linear(16, 8), nn.Linear(16, 8), nested

    def forward(self, x):
        def inner(x):
            if self.nested:
                return torch.cond(x.mean() > 1, lambda y: self.big(y) * 2, lambda y: self.small(y), (x,))
            return self.big(x)
        return torch.cond(x.sum() > 3, inner, lambda y: self.small(y) + 1, (x,))


class WhileLoop(nn.Module):
    def forward(self, x):
        from torch._higher_order_ops.while_loop import while_loop
        steps = torch.tensor(0)
        return while_loop(lambda i, y: i < 5, lambda i, y: (i + 1, torch.tanh(y @ y.mT @ y)), (steps, x))[1]


class Scan(nn.Module):
    def forward(self, x):
        from torch._higher_order_ops.scan import scan
        def step(state, item):
            state = state * 0.9 + item
            return state, state.clone() * 2
        return scan(step, torch.zeros(x.shape[0], x.shape[2]), x, dim=1)


def module(cls, shape, *options, **inputs):
    def make(batch):
        return cls(*options), {"x": torch.rand(batch, *shape)} | inputs, {"x": ("batch",) + (None,) * len(shape)}
    return make


TOYS = {
    "lstm": recurrent(nn.LSTM),
    "lstm-2layer-bidirectional": recurrent(nn.LSTM, num_layers=2, bidirectional=True),
    "lstm-projection": recurrent(nn.LSTM, proj_size=24),
    "gru": recurrent(nn.GRU),
    "gru-3layer-bidirectional": recurrent(nn.GRU, num_layers=3, bidirectional=True),
    "rnn-tanh": recurrent(nn.RNN),
    "rnn-relu-bidirectional": recurrent(nn.RNN, nonlinearity="relu", bidirectional=True),
    "crnn": crnn,
    "conv1d": sequential((16, 100), ("batch", None, "seq"), lambda: nn.Conv1d(16, 32, 5, 2, 2), nn.ReLU,
                         lambda: nn.Conv1d(32, 32, 3, groups=8, dilation=2), lambda: nn.BatchNorm1d(32), lambda: nn.MaxPool1d(2),
                         lambda: nn.Conv1d(32, 8, 1)),
    "conv1d-causal-dilated": causal,
    "conv3d": sequential((3, 8, 24, 24), ("batch", None, None, None, None), lambda: nn.Conv3d(3, 16, (3, 5, 5), (1, 2, 2), (1, 2, 2)),
                         lambda: nn.BatchNorm3d(16), nn.ReLU, lambda: nn.MaxPool3d(2), lambda: nn.Conv3d(16, 32, 3, groups=4),
                         lambda: nn.AdaptiveAvgPool3d(1), nn.Flatten, lambda: nn.Linear(32, 10)),
    "conv-transpose": sequential((16, 10, 14), IMAGE["x"], lambda: nn.ConvTranspose2d(16, 24, 4, 2, 1), nn.ReLU,
                                 lambda: nn.ConvTranspose2d(24, 8, 3, 2, 1, output_padding=1), lambda: nn.ConvTranspose2d(8, 3, 3, dilation=2)),
    "conv-transpose1d": sequential((16, 30), ("batch", None, "seq"), lambda: nn.ConvTranspose1d(16, 8, 8, 4, 2), nn.Tanh),
    "conv-transpose3d": sequential((8, 4, 6, 6), ("batch", None, None, None, None), lambda: nn.ConvTranspose3d(8, 4, 3, 2, 1, 1)),
    "deconv-grouped": sequential((16, 10, 14), IMAGE["x"], lambda: nn.ConvTranspose2d(16, 16, 4, 2, 1, groups=16, bias=False),
                                 lambda: nn.ConvTranspose2d(16, 8, 3, groups=4)),
    "unet": unet,
    "unet3d": lambda batch: unet(batch, nn.Conv3d, nn.ConvTranspose3d, F.max_pool3d, (8, 16, 16)),
    "pixel-shuffle": pixel_shuffle,
    "einsum-zoo": einsums,
    "pooling-zoo": pooling,
    "padding-zoo": padding,
    "resize-zoo": resizing,
    "indexing-zoo": indexing,
    "reduction-zoo": reductions,
    "norm-zoo": norms,
    "activation-zoo": activations,
    "grid-sample": grid_sample,
    "nonzero": nonzero,
    "topk-sort": topk_sort,
    "spectrogram": spectrogram,
    "transformer-encoder": transformer,
    "transformer-decoder": lambda batch: transformer(batch, decoder=True),
    "embedding-bag": embedding_bag,
    "gated-functions": gated,
    "script-if": module(ScriptIf, (16,)),
    "script-loop": module(ScriptLoop, (5, 16)),
    "script-while": module(ScriptWhile, (4, 12, 12)),
    "script-nested": module(ScriptNested, (16,)),
    "script-list": module(ScriptList, (6, 16)),
    "script-optional": module(ScriptOptional, (16,), scale=torch.ones(3)),
    "cond": module(Cond, (16,)),
    "cond-nested": module(Cond, (16,), True),
    "while-loop": module(WhileLoop, (6, 6)),
    "scan": module(Scan, (7, 16)),
}
