# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
"""
Is a tree that was published right, and was a refusal? Written from the headers and
from what Linux does, with nothing of the library.
"""
from collections import Counter

from plan import (GPU, GPU_NODE, REGIONS, cpus, memory_nodes, memory_ranges, overlap,
                  reserved_nodes, taken)
from tree import Bad

# Of kernels with pages of 4 and 16 KiB: those of the board have 16
CMA_ALIGNS = 0x400000, 0x2000000


def need(condition, what):
    if not condition:
        raise Bad(what)


#
# What changed
#

def numbered(children):
    """{(name, n-th of that name): node}, in order"""
    seen = Counter()
    result = {}
    for child in children:
        result[child.name, seen[child.name]] = child
        seen[child.name] += 1
    return result


def differences(a, b):
    """('+' or '-', path, None) for nodes, ('+', '-' or '~', path, name) for properties"""
    for name in a.props.keys() | b.props.keys():
        if name not in b.props:
            yield '-', a.path, name
        elif name not in a.props:
            yield '+', a.path, name
        elif a.props[name] != b.props[name]:
            yield '~', a.path, name
    kept = [n for n in a.props if n in b.props]
    need(kept == [n for n in b.props if n in a.props], f'{a.path}: another order of properties')
    old, new = numbered(a.children), numbered(b.children)
    need([k for k in old if k in new] == [k for k in new if k in old],
         f'{a.path}: another order of nodes')
    for key in old.keys() - new.keys():
        yield '-', old[key].path, None
    for key in new.keys() - old.keys():
        yield '+', new[key].path, None
    for key in old.keys() & new.keys():
        yield from differences(old[key], new[key])


#
# Ranges of addresses
#

def union(ranges):
    result = []
    for a, s in sorted(r for r in ranges if r[1]):
        if result and a <= result[-1][1]:
            result[-1][1] = max(result[-1][1], a + s)
        else:
            result.append([a, a + s])
    return [tuple(r) for r in result]


def subtract(ranges, holes):
    """Of [first, end) pieces"""
    result = ranges
    for low, high in holes:
        result = [p for a, e in result
                  for p in ((a, min(e, low)), (max(a, high), e)) if p[0] < p[1]]
    return result


def pools_without_room(tree, ram, used, cma_align):
    """Names of the pools that Linux could not place, each from the top of its range."""
    free = subtract(union(ram), union(used))
    lost = []
    for node in reserved_nodes(tree):
        a, s = tree.cells()
        size, align = node.props.get('size'), node.props.get('alignment')
        if 'reg' in node.props or size is None or len(size) != 4 * s or \
                align is not None and len(align) != 4 * a:
            continue
        size = int.from_bytes(size, 'big')
        align = 0x1000 if align is None else int.from_bytes(align, 'big')
        if 'reusable' in node.props and 'no-map' not in node.props and \
                'shared-dma-pool' in node.strings('compatible'):
            align = max(align, cma_align)
        if not size or not align or align & align - 1:
            continue
        windows = [(0, 1 << 64)]
        if 'alloc-ranges' in node.props:
            windows = [(a, a + s) for a, s in tree.ranges(node.props['alloc-ranges']) or [] if s]
        for low, high in windows:
            spots = [(min(e, high) - size) // align * align for g, e in free
                     if (min(e, high) - size) // align * align >= max(g, low)]
            if spots:
                free = subtract(free, [(max(spots), max(spots) + size)])
                break
        else:
            lost.append(node.name)
    return lost


def ram_of(tree):
    return [r for n in memory_nodes(tree) for r in memory_ranges(tree, n)]


def usable(tree, region):
    """May the kernel use it? Two ranges count, and none if the first is empty or cut off."""
    chosen = tree.root.child('chosen')
    value = chosen and chosen.props.get('linux,usable-memory-range')
    ranges = tree.ranges(value) if value else None
    if not ranges or not ranges[0][1]:
        return True
    return any(a <= region[0] and region[0] + region[1] <= a + s for a, s in ranges[:2])


#
# Refusals
#

def reasons(before, plan):
    """Why a tree has to be refused: [(error, words of the report)]"""
    found = []
    cells = before.cells()
    reserved = before.root.named('reserved-memory')
    regions = list(plan.regions.values())
    if not {*cells} <= {1, 2}:
        found.append((-74, '#address-cells'))
    for node in reserved:
        own = node.cell('#address-cells'), node.cell('#size-cells')
        if node.children and (own != cells or node.props.get('ranges') != b''):
            found.append((-74, '/reserved-memory'))
    found += [(-14, f'region {n}: is outside linux,usable-memory-range')
              for n, r in plan.regions.items() if not usable(before, r)]
    if not found:
        ram, used = ram_of(before), taken(before)
        for align in CMA_ALIGNS:
            lost = pools_without_room(before, ram + regions, used + regions, align)
            were = pools_without_room(before, ram, used, align)
            found += [(-16, name) for name in lost if name not in were]
    return found


#
# What was published
#

def judge_memory(before, after, plan):
    """RAM is what it was and the regions; each node says of it what it said."""
    regions = list(plan.regions.values())
    ram = ram_of(before)
    need(union(ram_of(after)) == union(ram + regions), 'memory is not what it was and the regions')
    inside = union(ram) == union(ram + regions)
    old, new = numbered(memory_nodes(before)), numbered(memory_nodes(after))
    for key, node in new.items():
        was, now = memory_ranges(before, old[key]), memory_ranges(after, node)
        need(not inside or was == now, f'{node.path} changed without a reason')
        need(not union(was) or union(now), f'{node.path} is left without a range')
        if not inside and before.cells()[1] == 2:
            full = [r for r in now if r[1]]
            need(len(union(full)) == len(full), f'{node.path} has ranges that meet')
    kind = lambda n: (n.props.get('numa-node-id'), 'hotpluggable' in n.props)
    pieces = [(a, a + s) for a, s in regions]
    for k in {kind(n) for n in old.values()}:
        was = union(r for n in old.values() if kind(n) == k for r in memory_ranges(before, n))
        now = union(r for n in new.values() if kind(n) == k for r in memory_ranges(after, n))
        need(not subtract(was, now), f'memory of {k} is lost')
        need(not subtract(subtract(now, was), pieces), f'memory of {k} is more than the regions')
    return {('~', n.path, 'reg') for n in old.values()} if not inside else set()


def judge_regions(before, after, plan):
    allowed = set()
    reserved, = after.root.named('reserved-memory')
    need((reserved.cell('#address-cells'), reserved.cell('#size-cells')) == after.cells() and
         reserved.props.get('ranges') == b'', 'Linux would ignore /reserved-memory')
    if not before.root.named('reserved-memory'):
        allowed.add(('+', reserved.path, None))
        need(len(reserved.props) == 3, 'a new /reserved-memory says more than it has to')
    elif not before.root.child('reserved-memory').children:
        allowed |= {(how, reserved.path, p) for how in '+~'
                    for p in ('#address-cells', '#size-cells', 'ranges')}
    nodes = []
    for name, (pa, size) in plan.regions.items():
        full = f'corpus-{name}' if plan.placeholders else f'corpus-{name}@{pa:x}'
        node, = reserved.named(f'corpus-{name}')
        nodes.append(node)
        props = {'reg', 'phandle'} | ({'status'} if plan.placeholders else set())
        if plan.describe and REGIONS[name][1] is not None:
            props.add('iommu-addresses')
        need(node.name == full and not node.children, f'{node.path}: another name')
        need(node.props.keys() == props, f'{node.path}: has {sorted(node.props)}')
        need(after.ranges(node.props['reg']) == [(pa, size)], f'{node.path}: another reg')
        need(node.enabled(), f'{node.path}: disabled')
        allowed.add(('+', node.path, None))
        allowed |= {('+', node.path, 'reg'), ('~', node.path, 'status'),
                    ('+', node.path, 'iommu-addresses')} if plan.placeholders else set()
    return nodes, allowed


def judge_gpu(before, after, plan, nodes):
    gpus = [n for n in after.root.walk() if GPU in n.strings('compatible')]
    need(len(gpus) == 1 and gpus[0].path == f'/{GPU_NODE}', 'the GPU node is not the one')
    gpu = gpus[0]
    props = {'compatible', 'memory-region', 'memory-region-names'}
    if plan.placeholders:
        props.add('status')
    if plan.describe:
        props |= {'phandle', 'gpuas,va-bits', 'gpuas,pa-bits', 'gpuas,host-window',
                  'gpuas,firmware-window'}
    need(gpu.props.keys() == props and gpu.enabled(), f'the GPU node has {sorted(gpu.props)}')
    need(gpu.strings('memory-region-names') == list(REGIONS), 'names are not in order')
    listed = gpu.props['memory-region']
    need(listed == b''.join(n.phandle().to_bytes(4, 'big') for n in nodes),
         'phandles are not in order')
    number = lambda p: int.from_bytes(gpu.props[p], 'big')
    if plan.describe:
        need((number('gpuas,va-bits'), number('gpuas,pa-bits')) == (39, 48), 'other sizes')
        need(number('gpuas,firmware-window') == 0xffffff8000000000 << 64 | 0x2000000000 and
             number('gpuas,host-window') == 0xffffffa000000000 << 64 | 0x1000000000,
             'other windows')
    for node, (name, (size, va)) in zip(nodes, REGIONS.items()):
        if plan.describe and va is not None:
            value = gpu.props['phandle'] + va.to_bytes(4 * after.cells()[0], 'big') + \
                size.to_bytes(4 * after.cells()[1], 'big')
            need(node.props['iommu-addresses'] == value, f'{name}: other iommu-addresses')
    allowed = {('+', gpu.path, None), ('~', gpu.path, 'status')}
    return allowed | {('+', gpu.path, p) for p in props if plan.placeholders}


def judge_phandles(before, after):
    """Each node has one of its own, and who had one has the same."""
    count = Counter(n.phandle() for n in after.root.walk() if n.phandle())
    were = Counter(n.phandle() for n in before.root.walk() if n.phandle())
    need(all(count[p] == 1 for p in count if p not in were), 'a new phandle is not unique')
    need(all(count[p] <= were[p] for p in were), 'a phandle was given twice')
    need(not {0xffffffff} & count.keys(), 'a phandle that is none')


def judge_withheld(before, after, plan):
    allowed = set()
    for node in before.root.walk():
        if plan.withhold in node.strings('compatible'):
            allowed |= {('+', node.path, 'status'), ('~', node.path, 'status')}
    for node in after.root.walk():
        need(plan.withhold not in node.strings('compatible') or not node.enabled(),
             f'{node.path} is left to the OS')
    need(not plan.cpu or plan.cpu not in [a for _, a in cpus(after)], 'the CPU is left to the OS')
    gone = [n for n, a in cpus(before) if plan.cpu and a == plan.cpu]
    for n in gone:
        allowed |= {('-', n.path, 'enable-method'), ('+', n.path, 'status'),
                    ('~', n.path, 'status')}
    return allowed


def judge_places(after, plan):
    """Nobody lies on a region, and all pools that had room have it."""
    regions = list(plan.regions.values())
    used = taken(after)
    for region in regions:
        need(sum(overlap(region, u) for u in used) == 1, f'somebody else is at {region[0]:#x}')
    for low, high in union(regions):
        need(not subtract([(low, high)], union(ram_of(after))), f'{low:#x} is no RAM')


def published(before, after, plan):
    """Raises Bad if the tree is not what it was and what was asked for."""
    need(not reasons(before, plan), f'not refused: {reasons(before, plan)}')
    need(before.reserve == after.reserve and before.boot_cpu == after.boot_cpu, 'header changed')
    nodes, allowed = judge_regions(before, after, plan)
    allowed |= judge_gpu(before, after, plan, nodes)
    allowed |= judge_memory(before, after, plan)
    allowed |= judge_withheld(before, after, plan)
    judge_phandles(before, after)
    judge_places(after, plan)
    more = set(differences(before.root, after.root)) - allowed
    need(not more, f'changed as well: {sorted(more, key=str)[:3]}')


def refused(before, plan, err, words):
    expected = reasons(before, plan)
    need(any(err == e and w in words for e, w in expected),
         f'refused, {err}: {words}; reasons are {expected}')


def disabled(before, after, plan):
    """The OS finds neither GPU nor what is withheld; nothing else changed."""
    allowed = judge_withheld(before, after, plan)
    for node in before.root.walk():
        if {GPU, plan.withhold} & {*node.strings('compatible')}:
            allowed |= {(how, node.path, p) for how in '+-~' for p in ('status', 'compatible', 'ompatible')}
    allowed |= {('-', n.path, 'reg') for n, a in cpus(before) if plan.cpu and a == plan.cpu}
    allowed.add(('+', f'/{GPU_NODE}', None))
    for node in after.root.walk():
        need(GPU not in node.strings('compatible') or not node.enabled(), 'the GPU is enabled')
    more = set(differences(before.root, after.root)) - allowed
    need(not more, f'disabling changed as well: {sorted(more, key=str)[:3]}')
