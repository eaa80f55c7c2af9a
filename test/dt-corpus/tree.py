# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
"""A device tree blob as a tree of nodes: a reader of its own, that has nothing of libfdt."""
import struct

BEGIN_NODE, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9


class Bad(Exception):
    """The blob, or what it says, is not well formed."""


class Node:
    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.props = {}
        self.children = []

    @property
    def base(self):
        return self.name.split('@')[0]

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def named(self, base):
        return [c for c in self.children if c.base == base]

    def child(self, base):
        return next(iter(self.named(base)), None)

    def cell(self, prop, default=None):
        value = self.props.get(prop)
        return default if value is None or len(value) != 4 else int.from_bytes(value, 'big')

    def phandle(self):
        return self.cell('phandle', self.cell('linux,phandle', 0))

    def strings(self, prop):
        value = self.props.get(prop, b'')
        if not value.endswith(b'\0'):
            return []
        return [s.decode('latin-1') for s in value[:-1].split(b'\0')]

    def failed(self):
        """As __of_device_is_fail() sees it."""
        return any(s == 'fail' or s.startswith('fail-') for s in self.strings('status')[:1])

    def enabled(self):
        """As of_device_is_available() sees it."""
        return 'status' not in self.props or self.strings('status')[:1] in (['okay'], ['ok'])


class Tree:
    """root, reserve: [(address, size)], boot_cpu, total: its totalsize"""

    def __init__(self, blob):
        (magic, self.total, off_struct, off_strings, off_reserve, version, _, self.boot_cpu,
         size_strings, size_struct) = struct.unpack_from('>10I', blob)
        if magic != 0xd00dfeed or version != 17 or self.total > len(blob):
            raise Bad('header')
        self.reserve = []
        for at in range(off_reserve, self.total - 15, 16):
            entry = struct.unpack_from('>2Q', blob, at)
            if entry == (0, 0):
                break
            self.reserve.append(entry)
        self.strings = blob[off_strings:off_strings + size_strings]
        self.root = self.parse(blob[off_struct:off_struct + size_struct])

    def string(self, at):
        return self.strings[at:self.strings.index(b'\0', at)].decode('latin-1')

    def parse(self, block):
        at, stack, root = 0, [], None
        while True:
            token, = struct.unpack_from('>I', block, at)
            at += 4
            if token == BEGIN_NODE:
                end = block.index(b'\0', at)
                name = block[at:end].decode('latin-1')
                at = end + 4 & ~3
                path = stack[-1].path.rstrip('/') + '/' + name if stack else '/'
                node = Node(name, path)
                if stack:
                    stack[-1].children.append(node)
                elif root:
                    raise Bad('two roots')
                root = root or node
                stack.append(node)
            elif token == PROP:
                size, name = struct.unpack_from('>2I', block, at)
                name = self.string(name)
                if name in stack[-1].props:
                    raise Bad(f'{stack[-1].path} has two {name}')
                stack[-1].props[name] = block[at + 8:at + 8 + size]
                at += 8 + size + 3 & ~3
            elif token == END_NODE:
                stack.pop()
            elif token == END:
                if stack or not root:
                    raise Bad('nodes are not closed')
                return root
            elif token != NOP:
                raise Bad(f'token {token}')

    def cells(self):
        return self.root.cell('#address-cells', 2), self.root.cell('#size-cells', 1)

    def ranges(self, value, cells=None):
        """(address, size) tuples, empty ones too; None if one is cut off."""
        a, s = cells or self.cells()
        width = 4 * (a + s)
        if len(value) % width:
            return None
        return [(int.from_bytes(value[i:i + 4 * a], 'big'),
                 int.from_bytes(value[i + 4 * a:i + width], 'big'))
                for i in range(0, len(value), width)]
