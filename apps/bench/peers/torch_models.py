"""PyTorch's side of src/programs."""
import numpy as np
import torch


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def gradient(f, count):
    """All derivatives with respect to the first arguments, as one list."""

    def run(*args):
        leaves = [x.detach().requires_grad_() for x in args[:count]]
        return flat(torch.autograd.grad(f(*leaves, *args[count:]), leaves))

    return run


def mixture(weights, means, roots, x):
    k, d = means.shape
    logs, below = roots[:, :d], roots[:, d:]
    at = np.zeros((d, d), dtype=np.int64)
    at.T[np.triu_indices(d, 1)] = 1 + np.arange(d * (d - 1) // 2)
    lower = torch.cat([torch.zeros((k, 1), dtype=x.dtype), below], 1)[:, torch.from_numpy(at)]
    root = lower + torch.diag_embed(torch.exp(logs))
    apart = (x - means[:, None]) @ root.swapaxes(1, 2)
    each = (weights + logs.sum(1))[:, None] - 0.5 * torch.square(apart).sum(2)
    prior = 0.5 * (torch.square(torch.exp(logs)).sum() + torch.square(below).sum()) - logs.sum()
    return len(x) * torch.logsumexp(weights, 0) - torch.logsumexp(each, 0).sum() + prior


def turned(axis, x):
    angle = torch.sqrt(torch.square(axis).sum())
    a = axis / angle
    return x * torch.cos(angle) + torch.linalg.cross(a, x) * torch.sin(angle) + a * (a @ x) * (1 - torch.cos(angle))


def seen(p, measured):
    own = turned(p[0:3], p[11:14] - p[3:6])
    plane = own[:2] / own[2]
    square = torch.square(plane).sum()
    return (plane * (1 + p[9] * square + p[10] * torch.square(square)) * p[6] + p[7:9] - measured) * p[14]


def observed(cameras, points, weights):
    i = torch.arange(len(weights))
    return torch.cat([cameras[i % len(cameras)], points[7 * i % len(points)], weights[:, None]], 1)


def residuals(cameras, points, weights, measured):
    return torch.func.vmap(seen)(observed(cameras, points, weights), measured)


def adjustment(cameras, points, weights, measured):
    return torch.func.vmap(torch.func.jacrev(seen))(observed(cameras, points, weights), measured)


def sequence(main, extra, rows):
    states = [(torch.zeros_like(rows[0]),) * 2 for _ in main]
    total = 0
    for now, then in zip(rows[:-1], rows[1:]):
        x = now * extra[0]
        for l, (hidden, cell) in enumerate(states):
            at = lambda k, y: y * main[l, 0, k] + main[l, 1, k]
            cell = cell * torch.sigmoid(at(0, x)) + torch.sigmoid(at(1, hidden)) * torch.tanh(at(3, hidden))
            x = torch.sigmoid(at(2, x)) * torch.tanh(cell)
            states[l] = x, cell
        guess = x * extra[1] + extra[2]
        total = total + (then * (guess - torch.log(torch.exp(guess).sum() + 2))).sum()
    return -total / rows[1:].numel()


def observations(make, n, cameras, points):
    return make(1, [cameras, 11]), make(2, [points, 3]) + torch.tensor([0.0, 0, 5]), make(3, [n]), make(4, [n, 2])


PARENTS = [-1, 0] + [1 if i % 4 == 0 else i + 1 for i in range(20)]


def angles_at():
    """The three angles of each bone, as positions in the 26 parameters and a zero behind them."""
    at = np.full((22, 3), 26)
    for finger in range(5):
        at[2 + 4 * finger, :2] = 6 + 4 * finger + np.arange(2)
        at[3 + 4 * finger : 5 + 4 * finger, 0] = 8 + 4 * finger + np.arange(2)
    return at


def rotations(angles):
    (sx, sz, sy), (cx, cz, cy) = torch.sin(angles).T, torch.cos(angles).T
    entries = [
        *[cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        *[sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        *[-sy, cy * sx, cy * cx],
    ]
    return torch.stack(entries, 1).reshape(-1, 3, 3)


def turned_all(axis, x):
    angle = torch.sqrt(torch.square(axis).sum())
    a0, a1, a2 = axis / angle
    zero = a0 * 0
    cross = torch.stack([zero, -a2, a1, a2, zero, -a0, -a1, a0, zero]).reshape(3, 3)
    turn = torch.eye(3, dtype=x.dtype) + cross * torch.sin(angle) + cross @ cross * (1 - torch.cos(angle))
    return x @ turn.T


def vertices(pose, bones, inverses, rest, weights):
    turns = rotations(torch.cat([pose, pose[:1] * 0], 0)[angles_at()])
    own = torch.cat([bones[:, :, :3] @ turns, bones[:, :, 3:]], 2)
    last = torch.tensor([[0.0, 0, 0, 1]], dtype=pose.dtype)
    placed = []
    for bone, parent in enumerate(PARENTS):
        square = torch.cat([own[bone], last], 0)
        placed.append(square if parent < 0 else placed[parent] @ square)
    bottom = torch.broadcast_to(last, (22, 1, 4))
    transforms = torch.stack(placed) @ torch.cat([inverses, bottom], 1)
    each = (transforms[:, :3].reshape(66, 4) @ rest).reshape(22, 3, -1)
    return turned_all(pose[:3], (each * weights[:, None]).sum(0).T) + pose[3:6]


def hand(pose, u, bones, inverses, rest, weights, points):
    all_vertices = vertices(pose, bones, inverses, rest, weights)
    i = np.arange(len(points))
    a, b, c = (all_vertices[step * i % len(all_vertices)] for step in (7, 11, 13))
    return points - (u[:, :1] * a + u[:, 1:] * b + (1 - u[:, :1] - u[:, 1:]) * c)


def hand_derivatives(pose, u, *model):
    poses = torch.cat([torch.zeros((2, 26), dtype=pose.dtype), torch.eye(26, dtype=pose.dtype)], 0)
    own = torch.broadcast_to(torch.eye(2, dtype=u.dtype)[:, None], (2, *u.shape))
    others = torch.zeros((26, *u.shape), dtype=u.dtype)
    f = lambda pose, u: hand(pose, u, *model)
    push = lambda t, v: torch.func.jvp(f, (pose, u), (t, v))[1]
    return torch.func.vmap(push)(poses, torch.cat([own, others], 0))


def hands(make, vertices, points):
    return (
        *[make(1, [26], 0.5), make(2, [points, 2]), make(3, [22, 3, 4], 0.5), make(4, [22, 3, 4], 0.5)],
        *[make(5, [4, vertices]), make(6, [22, vertices], 0.2), make(7, [points, 3])],
    )


def simple(beta, x, y):
    return 0.5 * (torch.square(y - x @ beta).sum() + torch.square(beta).sum())


def robust(parameters, x, y):
    freedom, scale, beta = torch.exp(parameters[0]), parameters[1], parameters[2:]
    half = 0.5 * (freedom + 1)
    apart = torch.square((y - x @ beta) / torch.exp(scale))
    constant = torch.lgamma(half) - torch.lgamma(0.5 * freedom) - 0.5 * torch.log(freedom) - scale
    return half * torch.log1p(apart / freedom).sum() - len(y) * constant + 0.5 * torch.square(beta).sum() + 0.5 * torch.square(freedom)


def attended(w, x, heads):
    batch, time, width = x.shape
    q, k, v = ((x @ w[i]).reshape(batch, time, heads, width // heads).swapaxes(1, 2) for i in range(3))
    shares = torch.softmax(q @ k.swapaxes(2, 3) * (heads / width) ** 0.5, -1)
    return (shares @ v).swapaxes(1, 2).reshape(batch, time, width) @ w[3]


def attention(w, x):
    return torch.square(attended(w, x, 8)).mean()


def normal(x):
    centred = x - x.mean(-1)[..., None]
    return centred / torch.sqrt(torch.square(centred).mean(-1)[..., None] + 1e-5)


def transformer(heads, inward, outward, x):
    for w, w1, w2 in zip(heads, inward, outward):
        x = x + attended(w, normal(x), 4)
        x = x + torch.relu(normal(x) @ w1) @ w2
    return torch.square(x).mean()


def regression(make, parameters):
    return make(1, [parameters]), make(2, [1000, 10], 4), make(3, [1000], 4)


def mixtures(make, n, d, k):
    return make(1, [k]), make(2, [k, d]), make(3, [k, d * (d + 1) // 2]), make(4, [n, d], 4)


def programs(make):
    """Inputs, value and derivative of each of src/programs, by its name."""
    mixed = lambda *sizes: (lambda: mixtures(make, *sizes), mixture, gradient(mixture, 3))
    return {
        "mixture 1k 10 25": mixed(1000, 10, 25),
        "mixture 1k 20 50": mixed(1000, 20, 50),
        "mixture 10k 20 25": mixed(10000, 20, 25),
        "bundle 31843": (lambda: observations(make, 31843, 49, 7776), residuals, adjustment),
        "hand 544 100": (lambda: hands(make, 544, 100), hand, hand_derivatives),
        "lstm 2 1024": (
            lambda: (make(1, [2, 2, 4, 14]), make(2, [3, 14]), (make(3, [1024, 14]) > 0).to(make(3, [1]).dtype)),
            sequence,
            gradient(sequence, 2),
        ),
        "simple regression": (lambda: regression(make, 10), simple, torch.func.hessian(simple)),
        "robust regression": (lambda: regression(make, 12), robust, torch.func.hessian(robust)),
        "attention": (lambda: (make(1, [4, 32, 32]), make(2, [8, 16, 32], 4)), attention, gradient(attention, 1)),
        "transformer": (
            lambda: (make(1, [2, 4, 64, 64], 0.5), make(2, [2, 64, 128], 0.5), make(3, [2, 128, 64], 0.5), make(4, [8, 32, 64], 4)),
            transformer,
            gradient(transformer, 3),
        ),
    }
