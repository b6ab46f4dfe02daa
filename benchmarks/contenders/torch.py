"""The workloads in PyTorch: eager (`eager`), compiled (`compile`), or eager with a DataLoader (`loader`)."""

import contextlib

import torch
from torch import nn

from benchmarks.workloads import EPSILON, columns_by_channel, shape_after

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Residual(nn.Module):
    """branch(x) + shortcut(x)."""

    def __init__(self, branch, shortcut):
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x):
        return self.branch(x) + self.shortcut(x)


class Mean(nn.Module):
    """The mean over steps, or over rows and columns."""

    def forward(self, x):
        return x.mean(1) if x.ndim == 3 else x.mean((2, 3))


class Tokens(nn.Module):
    """Rows and columns of images as steps."""

    def forward(self, x):
        return x.flatten(2).transpose(1, 2)


class Positions(nn.Module):
    """x + W, with a learned vector for each step."""

    def __init__(self, shape):
        super().__init__()
        self.W = nn.Parameter(torch.randn(shape) * 0.05)

    def forward(self, x):
        return x + self.W


class Attention(nn.Module):
    """Attention of the steps to each other."""

    def __init__(self, features, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.inputs, self.outputs = nn.Linear(features, 3 * features), nn.Linear(features, features)

    def forward(self, x):
        parts = self.inputs(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = nn.functional.scaled_dot_product_attention(*parts, is_causal=self.causal)
        return self.outputs(attended.transpose(1, 2).flatten(2))


class Last(nn.Module):
    """What a recurrent layer gives for the last step that each direction walks."""

    def __init__(self, kind, features, units, **options):
        super().__init__()
        self.cell = getattr(nn, kind)(features, units, batch_first=True, **options)

    def forward(self, x):
        states = self.cell(x)[1]
        last = states[0] if isinstance(states, tuple) else states
        return torch.cat(tuple(last), 1)


class Contender:
    """A module, its optimizer and its loop."""

    def __init__(self, workload, dtype="float32", variant="eager"):
        torch.set_float32_matmul_precision("high" if DEVICE == "cuda" else "highest")
        self.workload, self.dtype, self.variant = workload, dtype, variant
        self.images = len(workload.shape) == 3
        self.module = self.sequence(workload.network, workload.shape).to(DEVICE)
        if self.images:
            self.module = self.module.to(memory_format=torch.channels_last)
        self.model = torch.compile(self.module) if variant == "compile" else self.module
        fused = {"fused": True} if variant == "compile" else {}
        self.optimizer = torch.optim.Adam(self.module.parameters(), workload.rate, **fused)
        self.loss = self.loss_of_classes if workload.classes > 1 else self.binary_loss

    @staticmethod
    def loss_of_classes(outputs, y):
        return nn.functional.cross_entropy(outputs.flatten(0, -2), y.flatten())

    @staticmethod
    def binary_loss(outputs, y):
        return nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], y)

    def sequence(self, network, shape):
        """The modules of a network's rows."""
        modules = []
        for row in network:
            kind, *arguments = row
            modules += getattr(self, kind)(shape, *arguments)
            shape = shape_after(row, shape)
        return nn.Sequential(*modules)

    @staticmethod
    def with_activation(module, name):
        """A module and its relu or gelu, if any; the loss does the activations of last layers."""
        return [module, {"relu": nn.ReLU, "gelu": nn.GELU}[name]()] if name in ("relu", "gelu") else [module]

    def dense(self, shape, units, activation):
        return self.with_activation(nn.Linear(shape[-1], units), activation)

    def conv(self, shape, filters, size, activation, stride, pad):
        return self.with_activation(nn.Conv2d(shape[-1], filters, size, stride, pad), activation)

    def depthwise(self, shape, size, stride, pad):
        return [nn.Conv2d(shape[-1], shape[-1], size, stride, pad, groups=shape[-1])]

    def tokens(self, shape):
        return [Tokens()]

    def positions(self, shape):
        return [Positions(shape)]

    def layer_norm(self, shape):
        return [nn.LayerNorm(shape[-1], eps=EPSILON)]

    def attention(self, shape, heads, causal):
        return [Attention(shape[-1], heads, causal)]

    def pool(self, shape, size, stride):
        return [nn.MaxPool2d(size, stride)]

    def norm(self, shape):
        return [nn.BatchNorm2d(shape[-1], eps=EPSILON)]

    def activation(self, shape, name):
        return [nn.ReLU()]

    def dropout(self, shape, rate):
        return [nn.Dropout(rate)]

    def flatten(self, shape):
        return [nn.Flatten()]

    def mean(self, shape):
        return [Mean()]

    def embedding(self, shape, words, features):
        return [nn.Embedding(words, features)]

    def lstm(self, shape, units):
        return [Last("LSTM", shape[-1], units)]

    def gru(self, shape, units):
        return [Last("GRU", shape[-1], units)]

    def bidirectional(self, shape, units):
        return [Last("LSTM", shape[-1], units, bidirectional=True)]

    def residual(self, shape, branch, shortcut):
        return [Residual(self.sequence(branch, shape), self.sequence(shortcut, shape))]

    def set_weights(self, weights):
        """Give each module the weights of its row; a second bias of recurrent cells rests at zero."""
        kinds = (nn.Conv2d, nn.BatchNorm2d, nn.Embedding, nn.LSTM, nn.GRU, nn.LayerNorm, Positions, Attention)
        inside = {id(m) for each in self.module.modules() if isinstance(each, Attention) for m in each.children()}
        found = [module for module in self.module.modules() if isinstance(module, (nn.Linear, *kinds))]
        held = [module for module in found if id(module) not in inside]
        for module, row in zip(held, weights, strict=True):
            row = [torch.from_numpy(columns_by_channel(self.workload, array)) for array in row]
            with torch.no_grad():
                if isinstance(module, (nn.LSTM, nn.GRU)):
                    self.set_cell(module, row)
                    continue
                if isinstance(module, Attention):
                    row = [torch.cat(row[0:6:2], 1).T, torch.cat(row[1:6:2]), row[6].T, row[7]]
                elif isinstance(module, nn.Conv2d):
                    row[0] = row[0].permute(3, 2, 0, 1)
                elif isinstance(module, nn.Linear):
                    row[0] = row[0].T
                for parameter, value in zip(module.parameters(), row, strict=True):
                    parameter.copy_(value)

    def set_cell(self, module, row):
        suffixes = ["_l0", "_l0_reverse"] if module.bidirectional else ["_l0"]
        if isinstance(module, nn.GRU):
            row = [torch.cat((r, z, h), -1) for z, r, h in (array.chunk(3, -1) for array in row)]
        for i, suffix in enumerate(suffixes):
            W, U, b = row[3 * i : 3 * i + 3]
            for name, value in (("weight_ih", W.T), ("weight_hh", U.T), ("bias_ih", b), ("bias_hh", 0 * b)):
                getattr(module, name + suffix).copy_(value)
            getattr(module, "bias_hh" + suffix).requires_grad_(False)

    def placed(self, X):
        """Samples as a tensor on the device, images with their channels last."""
        X = torch.from_numpy(X).to(DEVICE)
        return X.permute(0, 2, 3, 1).contiguous() if self.workload.channels_first else X

    def targets(self, y):
        """Classes as the loss takes them."""
        y = torch.from_numpy(y).to(DEVICE)
        return y.float() if self.workload.classes == 1 else y

    def called(self, x):
        """The model's outputs; torch wants the channels named first, wherever they lie."""
        precision = contextlib.nullcontext()
        if self.dtype != "float32":
            precision = torch.autocast(DEVICE, getattr(torch, self.dtype))
        with precision:
            return self.model(x.permute(0, 3, 1, 2) if self.images else x)

    def one_step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.loss(self.called(x).float(), y)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def batches(self, X, y):
        """An epoch's batches in a new order."""
        if self.variant == "loader":
            data = torch.utils.data.TensorDataset(X, y)
            yield from torch.utils.data.DataLoader(data, self.workload.batch, shuffle=True)
            return
        for rows in torch.randperm(len(X), device=DEVICE).split(self.workload.batch):
            yield X[rows], y[rows]

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        X, y = self.placed(X), self.targets(y)
        self.model.train()
        for _ in range(epochs):
            losses = [self.one_step(*batch) for batch in self.batches(X, y)]
            mean = torch.stack(losses).mean().item()
            ended()
        return mean

    def predict(self, X):
        """Outputs as a NumPy array."""
        self.model.eval()
        with torch.inference_mode():
            batches = self.placed(X).split(self.workload.batch)
            parts = [self.called(x).float().cpu() for x in batches]
        return (parts[0] if len(parts) == 1 else torch.cat(parts)).numpy()

    def step(self, x, targets):
        """One step on a batch; its loss."""
        self.model.train()
        return self.one_step(self.placed(x), targets).item()

    def parameters(self):
        """How many numbers are trained."""
        return sum(p.numel() for p in self.module.parameters())
