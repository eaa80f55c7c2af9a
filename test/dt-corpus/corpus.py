# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
"""
corpus.py PUBLISH WORK NAME=FOLDER...: publish a synthetic board's regions in each .dtb and .dts of
the folders, and judge what came of it. Prints TAP: a line for each corpus, and one for each tree
that is wrong. --sample N: so many trees of all. --seed N: what is chosen, and where regions lie.
"""
import argparse
import collections
import copy
import multiprocessing
import os
import pathlib
import random
import re
import subprocess
import sys
import zlib

import judge
import plan as planning
from tree import Bad, Tree


def compile_source(path):
    """A .dts of the kernel's, as its makefiles would."""
    include = next(p for p in path.parents if p.name == 'src').parent / 'include'
    folders = [path.parent, path.parent.parent, include]
    source = subprocess.run(
        ['cpp', '-P', '-nostdinc', '-undef', '-D__DTS__', '-x', 'assembler-with-cpp',
         *[f'-I{f}' for f in folders], path], check=True, capture_output=True).stdout
    return subprocess.run(['dtc', '-q', '-i', path.parent, '-I', 'dts', '-O', 'dtb'], input=source,
                          check=True, capture_output=True).stdout


class Run:
    """What all trees have in common."""

    def __init__(self, publish, work, seed):
        self.publish, self.work, self.seed = publish, pathlib.Path(work), seed
        self.work.mkdir(parents=True, exist_ok=True)

    def plan(self, name, tree):
        return planning.make(tree, random.Random(self.seed ^ zlib.crc32(name.encode())))

    def files(self):
        return [self.work / f'{os.getpid()}.{kind}'
                for kind in ('plan', 'in', 'before', 'after', 'disabled')]

    def one(self, name, path):
        """(result, detail, plan, before, after); result: published, refused, full, wrong"""
        blob = compile_source(path) if path.suffix == '.dts' else path.read_bytes()
        tree = Tree(blob)
        plan = self.plan(name, tree)
        if plan is None:
            return 'full', 'no free place in RAM', None, None, None
        files = self.files()
        files[0].write_text(plan.text())
        files[1].write_bytes(blob)
        try:
            out = subprocess.run([self.publish, *files], capture_output=True, text=True)
            if out.returncode or 'wrong' in out.stdout:
                raise Bad((out.stdout + out.stderr)[-2000:])
            blobs = [f.read_bytes() for f in files[2:]]
            before, after, off = map(Tree, blobs)
        finally:
            for f in files:
                f.unlink(missing_ok=True)
        judge.disabled(before, off, plan)
        if out.stdout.startswith('refused'):
            _, err, words = out.stdout.rstrip('\n').split(' ', 2)
            judge.need(blobs[0] == blobs[1], 'refused, but changed')
            judge.refused(before, plan, int(err), words)
            return 'refused', words, plan, before, after
        judge.published(before, after, plan)
        return 'published', plan.scenario, plan, before, after

    def __call__(self, item):
        name, path = item
        try:
            return (name, *self.one(name, path)[:2])
        except Exception as problem:    # whatever it is, this tree is not right
            return name, 'wrong', f'{type(problem).__name__}: {problem}'


#
# The judge is judged: what it has to find in a result that is right
#

def find(tree, path):
    return next(n for n in tree.root.walk() if re.fullmatch(path, n.path))


def spoil_reg(tree):
    node = find(tree, '/reserved-memory/corpus-handoff.*')
    node.props['reg'] = node.props['reg'][:-1] + b'\1'


def spoil_memory(tree):
    node = judge.memory_nodes(tree)[0]
    width = 4 * sum(tree.cells())
    node.props['reg'] = node.props['reg'][:-width] + bytes(width)


def spoil_more_memory(tree):
    a, s = tree.cells()
    judge.memory_nodes(tree)[0].props['reg'] += \
        (0x123 << 16).to_bytes(4 * a, 'big') + (1 << 16).to_bytes(4 * s, 'big')


def spoil_order(tree):
    gpu = find(tree, '/corpus-gpu')
    gpu.props['memory-region'] = gpu.props['memory-region'][4:] + gpu.props['memory-region'][:4]


def spoil_phandle(tree):
    other = next(n for n in tree.root.walk() if n.phandle() and 'corpus' not in n.path)
    find(tree, '/reserved-memory/corpus-ttbs.*').props['phandle'] = \
        other.phandle().to_bytes(4, 'big')


def spoil_overlap(tree):
    reserved = tree.root.child('reserved-memory')
    node = copy.deepcopy(find(tree, '/reserved-memory/corpus-shared.*'))
    node.name = 'other'
    reserved.children.append(node)


def spoil_node(tree):
    tree.root.children.remove(next(c for c in tree.root.children if c.base not in (
        'memory', 'reserved-memory', 'corpus-gpu')))


def spoil_gpu(prop, value=None):
    def spoil(tree):
        gpu = find(tree, '/corpus-gpu')
        gpu.props.pop(prop, None)
        if value is not None:
            gpu.props[prop] = value
    return spoil


def spoil_no_map(tree):
    find(tree, '/reserved-memory/corpus-ttbs.*').props['no-map'] = b''


SPOILS = {
    'a region of another size': spoil_reg,
    'memory that is lost': spoil_memory,
    'memory that is none': spoil_more_memory,
    'phandles in another order': spoil_order,
    'a phandle that somebody has': spoil_phandle,
    'somebody else on a region': spoil_overlap,
    'a node that is lost': spoil_node,
    'a node more': lambda t: t.root.children.append(copy.copy(find(t, '/chosen|/aliases|/cpus'))),
    'a property that changed': lambda t: t.root.props.update({'compatible': b'spoilt\0'}),
    'a property more': spoil_no_map,
    'a property of the GPU that is lost': spoil_gpu('memory-region-names'),
    'a GPU that is disabled': spoil_gpu('status', b'disabled\0'),
    'a second GPU': lambda t: t.root.child('cpus').props.update({'compatible': b'corpus,gpu\0'}),
    '/reserved-memory without ranges':
        lambda t: t.root.child('reserved-memory').props.pop('ranges'),
    'a /memreserve/ more': lambda t: t.reserve.append((0x1000, 0x1000)),
    'another order of nodes': lambda t: t.root.children.reverse(),
}


def judge_the_judge(run, items):
    """Each spoil has to be found in the first result that it fits."""
    name, path = next(i for i in items if run(i)[1] == 'published')
    _, _, plan, before, after = run.one(name, path)
    found = 0
    for what, spoil in SPOILS.items():
        spoilt = copy.deepcopy(after)
        spoil(spoilt)
        try:
            judge.published(before, spoilt, plan)
            print(f'not ok - the judge finds {what} in {name}')
        except Bad:
            found += 1
    lost = copy.deepcopy(plan)
    try:
        judge.refused(before, lost, -16, 'no reason')
        print('not ok - the judge finds a refusal without a reason')
    except Bad:
        found += 1
    ok = '' if found == len(SPOILS) + 1 else 'not '
    print(f'{ok}ok - the judge finds {found} of {len(SPOILS) + 1} faults that were planted')


def report(corpus, results):
    count = collections.Counter(r for _, r, _ in results)
    for name, result, detail in results:
        if result == 'wrong':
            first, *rest = detail.rstrip('\n').split('\n')
            print(f'not ok - {name}: {first}')
            for line in rest:
                print(f'# {line}')
    print(f'{"not " if count["wrong"] or not count["published"] else ""}ok - {corpus}: '
          f'{len(results)} trees, {count["published"]} published, {count["refused"]} refused '
          f'with good reason, {count["full"]} without a free place, {count["wrong"]} wrong')
    # Without the name of the node, and its size.
    short = lambda r, d: re.sub(r'[^ ]+: |0x[0-9a-f]+$', '', d) if r == 'refused' else d
    details = collections.Counter((r, short(r, d)) for _, r, d in results if r != 'wrong')
    for (result, detail), n in sorted(details.items()):
        print(f'# {n:5d} {result}: {detail}')


def main():
    sys.stdout.reconfigure(line_buffering=True)
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument('publish')
    args.add_argument('work')
    args.add_argument('folders', nargs='+')
    args.add_argument('--sample', type=int)
    args.add_argument('--seed', type=int, default=1)
    args = args.parse_args()

    run = Run(args.publish, args.work, args.seed)
    corpora = {}
    for folder in args.folders:
        corpus, _, path = folder.partition('=')
        trees = sorted(p for kind in ('dtb', 'dts') for p in pathlib.Path(path).rglob(f'*.{kind}'))
        corpora[corpus] = [(f'{corpus}/{p.relative_to(path)}', p) for p in trees]
        if args.sample:
            n, of = len(corpora), len(args.folders)
            share = args.sample * n // of - args.sample * (n - 1) // of
            corpora[corpus] = random.Random(args.seed).sample(corpora[corpus],
                                                              min(share, len(trees)))
    print(f'# seed {args.seed}, {sum(map(len, corpora.values()))} trees')
    with multiprocessing.Pool() as pool:
        for corpus, items in corpora.items():
            report(corpus, pool.map(run, items, chunksize=4))
    judge_the_judge(run, next(iter(corpora.values())))


if __name__ == '__main__':
    main()
