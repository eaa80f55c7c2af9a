# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
"""What is to be published in a tree: a synthetic board, and where its regions lie."""
from dataclasses import dataclass, field

ALIGN = 0x10000
MB = 0x100000
GPU = 'corpus,gpu'
GPU_NODE = 'corpus-gpu'
# name: (size, VA or None); the board of publish.c says the same
REGIONS = {
    'ttbs': (0x10000, None),
    'pagetables': (0x40000, None),
    'handoff': (0x10000, None),
    'fw-text': (0x40000, 0xffffff8000000000),
    'fw-data': (0x80000, 0xffffff8001000000),
    'shared': (0x10000, 0xffffff8002000000),
}
SCENARIOS = ('inside', 'inside', 'scattered', 'above', 'gap', 'split')


@dataclass
class Plan:
    scenario: str
    describe: bool
    placeholders: bool
    banks: list
    withhold: str = ''
    cpu: int = 0
    regions: dict = field(default_factory=dict)

    def text(self):
        lines = [f'describe {int(self.describe)}', f'placeholders {int(self.placeholders)}',
                 f'cpu {self.cpu:#x}']
        lines += [f'withhold {self.withhold}'] if self.withhold else []
        lines += [f'bank {a:#x} {s:#x}' for a, s in self.banks]
        lines += [f'region {n} {a:#x} {s:#x}' for n, (a, s) in self.regions.items()]
        return '\n'.join(lines) + '\n'


def overlap(a, b):
    return a[1] and b[1] and a[0] < b[0] + b[1] and b[0] < a[0] + a[1]


def memory_nodes(tree):
    return [n for n in tree.root.children
            if n.strings('device_type') == ['memory'] and n.enabled()]


def memory_ranges(tree, node):
    name = 'linux,usable-memory' if 'linux,usable-memory' in node.props else 'reg'
    return tree.ranges(node.props.get(name, b''))


def reserved_nodes(tree):
    return [n for r in tree.root.named('reserved-memory') for n in r.children if n.enabled()]


def taken(tree):
    """What nobody may lie on: reserved memory and /memreserve/."""
    result = [r for r in tree.reserve if r[1]]
    for node in reserved_nodes(tree):
        result += [r for r in tree.ranges(node.props.get('reg', b'')) or [] if r[1]]
    return result


def loader_banks(tree):
    """What the loader says is RAM: what the tree says, else a GiB where it would begin."""
    nodes = memory_nodes(tree) or tree.root.named('memory')
    banks = []
    for node in nodes:
        for r in memory_ranges(tree, node) or []:
            if r[1] and not any(overlap(r, b) for b in banks):
                banks.append(r)
    if banks:
        return sorted(banks)[:4]
    first = [r[0] for n in nodes for r in (memory_ranges(tree, n) or [])[:1]]
    base = first[0] if first and first[0] % MB == 0 else 0x80000000
    return [(base, 0x40000000)] if base < 0xc0000000 or tree.cells()[0] > 1 else [(base, 256 * MB)]


def place(rng, bank, size, used):
    """A free place, by chance; else the first one."""
    low, high = -(-bank[0] // ALIGN), (bank[0] + bank[1] - size) // ALIGN
    if low > high:
        return None
    free = lambda at: not any(overlap((at, size), u) for u in used)
    for _ in range(100):
        at = rng.randint(low, high) * ALIGN
        if free(at):
            return at
    ends = sorted({low} | {-(-(a + s) // ALIGN) for a, s in used})
    return next((e * ALIGN for e in ends if low <= e <= high and free(e * ALIGN)), None)


def pool_windows(tree, banks):
    """Where in RAM the kernel may put what it has to place itself."""
    windows = []
    for node in reserved_nodes(tree):
        if 'reg' in node.props or 'size' not in node.props:
            continue
        for a, s in tree.ranges(node.props.get('alloc-ranges', b'')) or banks:
            for low, size in banks:
                first, end = max(a, low), min(a + s, low + size)
                if first < end:
                    windows.append((first, end - first))
    return windows


def lay_out(plan, rng, tree):
    """The regions, in one piece or each for itself; False if there is no room."""
    used = taken(tree)
    total = sum(size for size, _ in REGIONS.values())
    end = max(a + s for a, s in plan.banks)
    where = plan.banks
    if plan.scenario == 'split':
        base, size = plan.banks[0]
        where = [(base + size - 16 * MB, 16 * MB)]
        step = (size - 16 * MB) // 3 // MB * MB
        plan.banks = [(base, step), (base + step, step),
                      (base + 2 * step, size - 16 * MB - 2 * step)]
        rng.shuffle(plan.banks)
    elif plan.scenario == 'pool':
        where = [rng.choice(pool_windows(tree, plan.banks))]
    elif plan.scenario in ('above', 'gap'):
        end = -(-end // ALIGN) * ALIGN + (64 * MB if plan.scenario == 'gap' else 0)
        where = [(end, total)]
    if where[0][0] + where[0][1] > 1 << 32 * tree.cells()[0]:
        return False
    if plan.scenario == 'scattered':
        for name, (size, _) in REGIONS.items():
            at = place(rng, rng.choice(where), size, used)
            if at is None:
                return False
            plan.regions[name] = (at, size)
            used.append((at, size))
        return True
    at = next(filter(lambda p: p is not None, (place(rng, b, total, used) for b in where)), None)
    names = list(REGIONS)
    rng.shuffle(names)
    for name in names if at is not None else []:
        plan.regions[name] = (at, REGIONS[name][0])
        at += REGIONS[name][0]
    return bool(plan.regions)


def cpus(tree):
    """(node, address) of each CPU, as Linux finds them."""
    node = tree.root.child('cpus')
    cells = tree.root.cell('#address-cells', 2)
    if node is None:
        return []
    cells = node.cell('#address-cells', cells)
    return [(n, int.from_bytes(n.props['reg'][:4 * cells], 'big')) for n in node.children
            if not n.failed() and (n.base == 'cpu' or n.strings('device_type') == ['cpu']) and
            len(n.props.get('reg', b'')) >= 4 * cells > 0]


def choose_withheld(plan, rng, tree):
    """Any device that the OS would use, and any CPU but the first."""
    away = {c for n in reserved_nodes(tree) for c in n.strings('compatible')}
    found = sorted({c for n in tree.root.walk() if n.path != '/' and n.enabled()
                    for c in n.strings('compatible')} - away)
    if found and rng.random() < .5:
        plan.withhold = rng.choice(found)
    others = [a for _, a in cpus(tree)[1:] if a]
    if others and rng.random() < .5:
        plan.cpu = rng.choice(others)


def make(tree, rng):
    """A plan for a tree; None if its RAM is full."""
    banks = loader_banks(tree)
    pools = ('pool',) * 6 if pool_windows(tree, banks) else ()
    for scenario in (rng.choice(SCENARIOS + pools), 'inside'):
        if scenario == 'split' and (len(banks) > 1 or banks[0][1] < 128 * MB):
            scenario = 'scattered'
        plan = Plan(scenario, tree.cells()[0] == 2, rng.random() < .5, list(banks))
        if lay_out(plan, rng, tree):
            choose_withheld(plan, rng, tree)
            plan.regions = {n: plan.regions[n] for n in REGIONS}
            return plan
    return None
