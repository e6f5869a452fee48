"""The networks of `iclab train` in PyTorch: thread07 in the five orders, ResNets and XResNets in conv-bn-relu and ic.

Modules are called as iclab calls its nodes (conv1, stage1, linear6) and made in the same order, so that the parameters of
one side can be read by the other. Full conversion: conv -> stage -> ... -> conv -> stage -> global average pool ->
linear; a stage is what the order says between two weight layers.
"""
import torch
import torch.nn.functional as F
from torch import nn

ORDERS = ("conv-bn-relu", "ic", "bn-after", "drop-only", "none")
WITH_NORM = ("conv-bn-relu", "ic", "bn-after")
WITH_DROP = ("ic", "drop-only")
LEAK, SUB, MOST = 0.1, 0.4, 6.0  # of GeneralReLU


class Stage(nn.Module):
    """`reused`: the input is read elsewhere, too, and must stay as it is."""

    def __init__(self, order, channels, drop, general, act=True, reused=False):
        super().__init__()
        self.first = order == "conv-bn-relu"  # BN before ReLU
        self.norm = nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1) if order in WITH_NORM else None
        self.drop = drop if order in WITH_DROP else 0.0
        self.act, self.general, self.in_place = act, general, self.first or not reused

    def activate(self, x):
        if not self.act:
            return x
        if self.general:
            return F.leaky_relu(x, LEAK).sub_(SUB).clamp_max(MOST)
        return F.relu(x, inplace=self.in_place)

    def forward(self, x, residual=None):
        if self.first:
            x = self.norm(x)
            return self.activate(x if residual is None else x.add_(residual))
        x = self.activate(x)
        if self.norm is not None:
            x = self.norm(x)
        # behind BN in place: nothing reads its output on the way back
        return F.dropout(x, self.drop, self.training, inplace=self.norm is not None) if self.drop > 0 else x


class Net(nn.Module):
    def __init__(self, order, drop, general):
        super().__init__()
        self.order, self.drop, self.general = order, drop, general
        self.biased = order not in WITH_NORM
        self.kinds = {}
        self.nodes = []  # in the order of iclab's parameters

    def add(self, kind, module):
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        name = f"{kind}{self.kinds[kind]}"
        self.add_module(name, module)
        self.nodes.append((name, module))
        return module

    def conv(self, channels, out, window, stride):
        return self.add("conv", nn.Conv2d(channels, out, window, stride, window // 2, bias=self.biased))

    def stage(self, channels, **how):
        return self.add("stage", Stage(self.order, channels, self.drop, self.general, **how))

    def finish(self, channels, classes):
        self.kinds["linear"] = self.kinds["conv"]  # iclab counts linear layers among the convolutions
        self.add("linear", nn.Linear(channels, classes))
        leak = LEAK if self.general else 0.0
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, a=leak)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        return self

    def classify(self, x):
        return self.nodes[-1][1](x.mean((2, 3)))

    def icl_parameters(self):
        """(name as in parameters.tsv, tensor) in iclab's order; weights of convolutions are stored otherwise there."""
        for name, module in self.nodes:
            if isinstance(module, Stage):
                if module.norm is not None:
                    yield name + ".scale", module.norm.weight
                    yield name + ".shift", module.norm.bias
                continue
            yield name + ".weight", module.weight
            if module.bias is not None:
                yield name + ".bias", module.bias

    def read_parameters(self, values, places):
        """values: iclab's flat array; places: {name: (offset, count)}. Every parameter must have its place."""
        with torch.no_grad():
            names = []
            for name, tensor in self.icl_parameters():
                offset, count = places[name]
                assert count == tensor.numel(), (name, count, tensor.shape)
                part = torch.from_numpy(values[offset : offset + count].copy())
                if tensor.dim() == 4:  # (out, window, window, in) -> (out, in, window, window)
                    out, channels, height, width = tensor.shape
                    part = part.reshape(out, height, width, channels).permute(0, 3, 1, 2)
                tensor.copy_(part.reshape(tensor.shape))
                names.append(name)
        assert sorted(names) == sorted(places), (names, sorted(places))


class Thread07(Net):
    def __init__(self, order, drop, general, channels=1, classes=10):
        super().__init__(order, drop, general)
        self.pairs = []
        for i, out in enumerate((8, 16, 32, 64, 64)):
            conv = self.conv(channels, out, 5 if i == 0 else 3, 2)
            self.pairs.append((conv, self.stage(out)))
            channels = out
        self.finish(channels, classes)

    def forward(self, x):
        for conv, stage in self.pairs:
            x = stage(conv(x))
        return self.classify(x)


class ClassicBlock(nn.Module):
    """conv-bn-relu: the sum stands between the last BN and its ReLU; where the shape changes, the shortcut is conv 1x1 - BN."""

    def __init__(self, net, channels, out, stride):
        super().__init__()
        parts = [net.conv(channels, out, 3, stride), net.stage(out), net.conv(out, out, 3, 1)]
        project = stride != 1 or out != channels
        parts += [net.conv(channels, out, 1, stride), net.stage(out, act=False)] if project else [None, None]
        self.parts = parts + [net.stage(out)]

    def forward(self, x):
        conv1, stage1, conv2, conv3, stage3, stage2 = self.parts
        return stage2(conv2(stage1(conv1(x))), x if conv3 is None else stage3(conv3(x)))


class FullBlock(nn.Module):
    """stage, conv, stage, conv, and the input (conv 1x1 where the shape changes) added."""

    def __init__(self, net, channels, out, stride):
        super().__init__()
        parts = [net.stage(channels, reused=True), net.conv(channels, out, 3, stride), net.stage(out)]
        parts.append(net.conv(out, out, 3, 1))
        self.parts = parts + [net.conv(channels, out, 1, stride) if stride != 1 or out != channels else None]

    def forward(self, x):
        stage1, conv1, stage2, conv2, conv3 = self.parts
        return conv2(stage2(conv1(stage1(x)))).add_(x if conv3 is None else conv3(x))


class ResNet(Net):
    """6 layers + 2 a block of each of three groups: 20 with 3 blocks, 110 with 18."""

    BLOCKS = 3

    def __init__(self, order, drop, general, channels=3, classes=10):
        super().__init__(order, drop, general)
        self.classic = order == "conv-bn-relu"
        self.stem = [self.conv(channels, 16, 3, 1)] + ([self.stage(16)] if self.classic else [])
        block = ClassicBlock if self.classic else FullBlock
        self.blocks, channels = [], 16
        for out in (16, 32, 64):
            for i in range(self.BLOCKS):
                self.blocks.append(block(self, channels, out, 2 if out > 16 and i == 0 else 1))
                channels = out
        self.tail = [] if self.classic else [self.stage(64)]
        self.finish(64, classes)

    def forward(self, x):
        for part in self.stem + self.blocks + self.tail:
            x = part(x)
        return self.classify(x)


class ResNet110(ResNet):
    BLOCKS = 18


class PooledShortcut(nn.Module):
    """Of XResNet: where the stride is 2 the mean of 2x2 (cut at the edge), then a projection where the channels differ."""

    def __init__(self, net, channels, out, stride, staged):
        super().__init__()
        self.stride = stride
        self.parts = [net.conv(channels, out, 1, 1)] if channels != out else []
        if self.parts and staged:
            self.parts.append(net.stage(out, act=False))

    def forward(self, x):
        if self.stride == 2:
            x = F.avg_pool2d(x, 2, 2, ceil_mode=True, count_include_pad=False)
        for part in self.parts:
            x = part(x)
        return x


class XBlock(nn.Module):
    """ClassicBlock or FullBlock with a shortcut that pools; in conv-bn-relu the last BN begins with scale 0."""

    def __init__(self, net, channels, out, stride):
        super().__init__()
        self.classic = net.order == "conv-bn-relu"
        if self.classic:
            self.parts = [net.conv(channels, out, 3, stride), net.stage(out), net.conv(out, out, 3, 1)]
            self.shortcut = PooledShortcut(net, channels, out, stride, True)
            self.last = net.stage(out)
            nn.init.zeros_(self.last.norm.weight)
        else:
            self.parts = [net.stage(channels, reused=True), net.conv(channels, out, 3, stride), net.stage(out)]
            self.parts.append(net.conv(out, out, 3, 1))
            self.shortcut = PooledShortcut(net, channels, out, stride, False)

    def forward(self, x):
        y = x
        for part in self.parts:
            y = part(y)
        if self.classic:
            return self.last(y, self.shortcut(x))
        return y.add_(self.shortcut(x))


class XResNet(Net):
    GROUPS = (2, 2, 2, 2)

    def __init__(self, order, drop, general, channels=3, classes=10):
        super().__init__(order, drop, general)
        classic = order == "conv-bn-relu"
        self.stem, self.blocks = [], []
        for i, out in enumerate((32, 64, 64)):
            if not classic and i > 0:
                self.stem.append(self.stage(channels))
            self.stem.append(self.conv(channels, out, 3, 2 if i == 0 else 1))
            if classic:
                self.stem.append(self.stage(out))
            channels = out
        for group, count in enumerate(self.GROUPS):
            for i in range(count):
                out = 64 << group
                self.blocks.append(XBlock(self, channels, out, 2 if group > 0 and i == 0 else 1))
                channels = out
        self.tail = [] if classic else [self.stage(channels)]
        self.finish(channels, classes)

    def forward(self, x):
        for part in self.stem:
            x = part(x)
        x = F.max_pool2d(x, 3, 2, 1)
        for part in self.blocks + self.tail:
            x = part(x)
        return self.classify(x)


class XResNet34(XResNet):
    GROUPS = (3, 4, 6, 3)


NETS = {
    "thread07": (Thread07, (1, 28, 28)),
    "resnet20": (ResNet, (3, 32, 32)),
    "resnet110": (ResNet110, (3, 32, 32)),
    "xresnet18": (XResNet, (3, 128, 128)),
    "xresnet34": (XResNet34, (3, 128, 128)),
}


def build(net, order, drop=0.05, general=False):
    return NETS[net][0](order, drop, general)
