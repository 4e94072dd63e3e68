"""PyTorch's side of the bench, on one thread."""
import numpy as np
import torch

from answer import answer, numbers
from torch_models import programs

torch.set_num_threads(1)
layers = [784, 256, 128, 10]


def chain(x):
    return torch.tanh(torch.sin(x) * x + torch.exp(-torch.square(x)))


def flat(*tensors):
    return np.concatenate([t.detach().numpy().ravel().astype(np.float64) for t in tensors])


def prepare(workload):
    kind, n, operations = workload["kind"], workload["n"], workload["operations"]
    dtype = torch.float32 if workload["dtype"] == "float32" else torch.float64
    make = lambda seed, shape, scale=1.0: torch.tensor(numbers(seed, int(np.prod(shape)), scale).reshape(shape)).to(dtype)
    one = lambda run: (run, flat)
    name, _, part = kind.partition(": ")
    if (program := programs(make).get(name)) is not None:
        inputs, value, derivative = program
        args = inputs()
        run = derivative if part == "derivative" else value
        return one(lambda: run(*args))
    if kind == "matmul":
        x, y = make(1, [n, n]), make(2, [n, n])
        return one(lambda: x @ y)
    if kind == "chain":
        x = make(1, [1000000], 4)
        return one(lambda: chain(x))
    if kind == "chain gradient":
        x = make(1, [1000000], 4).requires_grad_()
        return one(lambda: torch.autograd.grad(chain(x).sum(), x)[0])
    if kind == "add":
        x, y = make(1, [1000000]), make(2, [1000000])
        return one(lambda: x + y)
    if kind.startswith("sum axis"):
        x = make(1, [1000, 1000])
        axis = int(kind[-1])
        return one(lambda: x.sum(axis))
    if kind == "mlp":
        weights = [make(i, [layers[i - 1], layers[i]], 4 / np.sqrt(layers[i - 1])).requires_grad_() for i in (1, 2, 3)]
        biases = [make(i + 3, [layers[i]]).requires_grad_() for i in (1, 2, 3)]
        x = make(7, [128, 784])
        labels = torch.tensor([[float(c == r % 10) for c in range(10)] for r in range(128)]).to(dtype)

        def step():
            h = torch.tanh(torch.tanh(x @ weights[0] + biases[0]) @ weights[1] + biases[1])
            logits = h @ weights[2] + biases[2]
            loss = (torch.logsumexp(logits, -1) - (logits * labels).sum(-1)).mean()
            return [loss, *torch.autograd.grad(loss, [*weights, *biases])]

        return step, lambda all: flat(*all)
    if kind.startswith("tape"):
        x, c = make(1, [10]).requires_grad_(), make(2, [10]) + 1.5

        def gradient():
            y = x
            for _ in range(operations):
                y = torch.sin(y) if kind == "tape sin" else y * c
            return torch.autograd.grad(y.sum(), x)[0]

        return one(gradient)
    w1, b1, w2, b2 = make(1, [100, 50], 0.5), make(2, [100]), make(3, [50, 100], 0.5), make(4, [50])
    x = make(5, [50])
    f = lambda x: w2 @ torch.tanh(w1 @ x + b1) + b2
    if kind == "jacobian":
        return one(lambda: torch.autograd.functional.jacobian(f, x, vectorize=True))
    if kind == "jacobian loop":
        return one(lambda: torch.autograd.functional.jacobian(f, x))
    if kind == "hessian":
        return one(lambda: torch.func.hessian(lambda x: torch.square(f(x)).sum())(x))
    tangents = make(6, [n, 50])
    if kind == "jvps":
        return one(lambda: torch.func.vmap(lambda t: torch.func.jvp(f, (x,), (t,))[1])(tangents))
    if kind == "jvps loop":
        return lambda: [torch.func.jvp(f, (x,), (t,))[1] for t in tangents], lambda all: flat(*all)
    return None


answer(prepare)
