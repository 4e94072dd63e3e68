"""PyTorch's side of the memory bench, on one thread."""
import torch
from torch.func import grad, jacrev, jvp, vjp, vmap
from torch.utils.checkpoint import checkpoint

from memory import measured

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def products(steps, n):
    def f(x):
        total = torch.zeros(())
        for i in range(steps):
            total = total + (x * (torch.zeros(n, n) + i + 1)).sum()
        return total

    return f


half = lambda n: torch.full((n, n), 0.5)
one = torch.ones(())


def plain(steps, n):
    with torch.no_grad():
        return products(steps, n)(half(n))


def backward(make):
    """The gradient by autograd, which lets go of values on the way."""

    def run(steps, n):
        x = half(n).requires_grad_()
        return torch.autograd.grad(make(steps, n)(x), x)[0]

    return run


def sums(g):
    def make(steps, n):
        def f(x):
            s = torch.zeros_like(x)
            for _ in range(steps):
                s = s + g(x)
            return s.sum()

        return f

    return make


block = lambda y: y.sin().exp().tanh()
saved = lambda f: lambda *args: checkpoint(f, *args, use_reentrant=False)
step = lambda s: s - 1e-4 * s.square()


def loop(kind):
    def run(steps, n):
        x = torch.full((n,), 0.5, requires_grad=True)

        def some(s, start, stop):
            for _ in range(start, stop):
                s = step(s)
            return s

        def halves(s, start, stop):
            if stop - start < 2:
                return some(s, start, stop)
            middle = (start + stop) // 2
            return halves(saved(lambda own: halves(own, start, middle))(s), middle, stop)

        if kind == "log":
            s = halves(x, 0, steps)
        else:
            size = {"kept": steps, "true": 1, "sqrt": round(steps**0.5)}[kind]
            s = x
            for start in range(0, steps, size):
                part = lambda own, start=start: some(own, start, min(steps, start + size))
                s = part(s) if kind == "kept" else saved(part)(s)
        return torch.autograd.grad(s.sum(), x)[0]

    return run


def determinant(call):
    def make(steps, n):
        def f(x):
            y = x
            for _ in range(steps):
                y = y.sin() * x
            return y.sum() + call(x[:2, :2])

        return f

    return make


def parts(steps, n):
    return lambda x: torch.stack([x * (i / steps) for i in range(steps)]).sin().sum()


point = lambda: torch.tensor(0.5, requires_grad=True)


def first(steps, n):
    x = point()
    return torch.autograd.grad(parts(steps, n)(x), x)[0]


def second(steps, n):
    x = point()
    (slope,) = torch.autograd.grad(parts(steps, n)(x), x, create_graph=True)
    return torch.autograd.grad(slope, x)[0]


programs = {
    "products, plain": plain,
    "products, vjp": lambda steps, n: vjp(products(steps, n), half(n))[1](one)[0],
    "products, grad": backward(products),
    "products, vmap(grad)": lambda steps, n: vmap(grad(products(steps, n)))(half(n)[None]),
    "products, jacrev": lambda steps, n: jacrev(products(steps, n))(half(n)),
    "products, hvp": lambda steps, n: jvp(grad(products(steps, n)), (half(n),), (half(n),))[1],
    "block": backward(sums(block)),
    "checkpoint(block)": backward(sums(saved(block))),
    "loop": loop("kept"),
    "loop, true": loop("true"),
    "loop, sqrt": loop("sqrt"),
    "loop, log": loop("log"),
    "sines": backward(determinant(lambda y: torch.zeros(()))),
    "sines and det": backward(determinant(torch.linalg.det)),
    "stack": first,
    "stack, second": second,
}

measured(programs, lambda result: float(result.detach().sum()))
