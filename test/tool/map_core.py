#!/usr/bin/env python3
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# map_core.py WHAT FILE: a core that no machine would write, by include/gpuas/core.h.
#   many     6000 pages of all sizes, in one space
#   crowd    200000 pages, in an upper half and a lower one
#   names    names with all that is special in XML, and with what a terminal would obey
#   overlap  extents that lie in each other
#   owners   one extent of each owner and kind, with contents and without
#   spaces   more spaces than are drawn
#   long     the longest name of a region, with rights that take many words, and a size of eight characters
#   longer   the same with other rights
#   steps    100000 pages that follow each other, each with contents: the start of the file
import random
import struct
import sys

GRANULE = 16 << 10
UPPER = 0xffffff8000000000
MISSING, LOAD, NOTE = 0x60006770, 1, 4
LEAF, ODD, MEMORY = 0, 3, 2
FOREIGN, LENT, OWNED, USER, REGION = range(5)
NO_SPACE, NO_REGION = 0xffff, 0xff


def note(kind, content):
    name = b'libgpuas\0'
    pad = lambda data: data + bytes(-len(data) % 4)
    return pad(struct.pack('<III', len(name), len(content), kind) + name) + pad(content)


def space(name, tag, context=NO_SPACE):
    upper = tag == 0xff
    return struct.pack('<16s16sQQHBBBBBB', name, b'lpae-16k', 0x800000000, 0, context, tag, 0xff,
                       39, 40, 14, upper)


def extent(va, size, pa, space=0, owner=OWNED, kind=LEAF, missing=1, region=NO_REGION, raw=3, attr=0):
    return dict(va=va, size=size, pa=pa, space=space, owner=owner, kind=kind, missing=missing,
                region=region, raw=raw, attr=attr)


def region(name, pa, size):
    return struct.pack('<24sQQQIBBBBBB6x', name, pa, size, 0, 0, 0, 0, 1, 0, 0, 0)


def manifest(regions):
    head = struct.pack('<IIIBBBBQQQQQ16s32s', 104, 64, len(regions), 39, 40, 1, 0, 0x800000000,
                       UPPER, 1 << 37, UPPER + (1 << 37), 1 << 37, b'lpae-16k', b'')
    return head + b''.join(regions)


def address(e, tags):
    if e['kind'] == MEMORY:
        return 0x7f << 48 | e['pa']
    tag = tags[e['space']]
    if tag == 0xff:
        return e['va']
    return e['va'] & (1 << 48) - 1 | tag << 48


def listed(size, records):
    return struct.pack('<II', size, len(records)) + b''.join(records)


def core(path, spaces, tags, extents, regions):
    extents.sort(key=lambda e: (address(e, tags), e['space']))
    records = [struct.pack('<QQIHBBBBB5x', e['va'], e['raw'], e['attr'], e['space'], 0, e['kind'],
                           e['owner'], e['region'], e['missing']) for e in extents]
    info = struct.pack('<IIQQIIIIII64s64s32s', 208, 1, 0, 0, 0, GRANULE, len(extents), 0, 0, 0,
                       b'a test', b'map_core.py', b'')
    notes = (note(0x47500001, info) + note(0x47500002, listed(56, spaces)) +
             note(0x47500005, manifest(regions)) + note(0x47500003, listed(32, records)))
    count = len(extents) + 1
    wide = count >= 0xffff
    start = 64 + 56 * count + 64
    phdrs = struct.pack('<IIQQQQQQ', NOTE, 4, start, 0, 0, len(notes), 0, 4)
    for e in extents:
        there = 0 if e['missing'] else e['size']
        phdrs += struct.pack('<IIQQQQQQ', LOAD if there else MISSING, 4, 0, address(e, tags), e['pa'],
                             there, e['size'], GRANULE)
    head = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\2\1\1', 4, 183, 1, 0, 64,
                       64 + 56 * count if wide else 0, 0, 64, 56, 0xffff if wide else count, 64,
                       1 if wide else 0, 0)
    section = struct.pack('<IIQQQQIIQQ', 0, 0, 0, 0, 0, 0, 0, count if wide else 0, 0, 0)
    with open(path, 'wb') as to:
        to.write(head + phdrs + section + notes)


def scattered(count, at, space, owner):
    rand = random.Random(13)
    pages = []
    for i in range(count):
        size = GRANULE << rand.choice([0, 0, 0, 0, 1, 2, 3, 6, 10])
        pages.append(extent(at, size, 0x900000000 + i * (1 << 25), space, owner))
        at += size + (GRANULE << rand.choice([0, 0, 1, 3, 7]))
    return pages


def main(what, path):
    spaces, tags = [space(b'root 0', 0xff), space(b'context 5', 5, 5)], [0xff, 5]
    extents, regions = [], []
    if what == 'many':
        extents = scattered(6000, UPPER, 0, OWNED) + [extent(1 << 20, GRANULE, 0, 1, USER)]
    elif what == 'crowd':
        extents = scattered(100000, UPPER, 0, OWNED) + scattered(100000, 0, 1, USER)
    elif what == 'names':
        spaces = [space(b'</title><b>&"\'', 0xff), space(b'\x1b[31m\xff\x01]]>', 5, 5)]
        regions = [region(b'<!--</script>', 1 << 33, 1 << 16), region(b'"onload="x()', 1 << 34, 1 << 16)]
        extents = [extent(UPPER, 1 << 16, 1 << 33, 0, REGION, region=0),
                   extent(1 << 20, 1 << 16, 1 << 34, 1, REGION, region=1)]
    elif what == 'overlap':
        extents = [extent(UPPER + (i << 14), 64 << 14, i << 20) for i in range(40)]
        extents += [extent(UPPER + (1 << 38), 1 << 38, 0)]
    elif what == 'owners':
        regions = [region(b'fw-text', 1 << 33, 1 << 20)]
        extents = [extent(UPPER + (i << 30), 1 << 20, i << 33, 0, owner, region=0 if owner == 4 else 0xff)
                   for i, owner in enumerate((FOREIGN, LENT, OWNED, REGION))]
        extents += [extent(UPPER + (5 << 30), GRANULE, 0, 0, FOREIGN, ODD, missing=4, raw=0x77),
                    extent(0, 1 << 20, 1 << 35, 1, USER),
                    extent(0x7fffffc000, GRANULE, 1 << 36, 1, USER),
                    extent(0, 1 << 20, 1 << 33, NO_SPACE, REGION, MEMORY, region=0)]
    elif what == 'spaces':
        spaces, tags = [space(b'space %d' % i, i & 0x3f, i) for i in range(300)], [i & 0x3f for i in range(300)]
        extents = [extent(i << 20, GRANULE, i << 20, i, USER) for i in range(300)]
    elif what == 'steps':
        extents = [extent(UPPER + i * GRANULE, GRANULE, 1 << 33, missing=0) for i in range(100000)]
    elif what in ('long', 'longer'):
        regions = [region(b'a-name-of-23-characters', 1 << 33, 1 << 20)]
        raw, attr = (3, 0x381ff) if what == 'long' else (7, 0x38008)
        extents = [extent(UPPER, (1 << 30) - GRANULE, 1 << 33, 0, LENT, region=0, raw=raw, attr=attr)]
    core(path, spaces, tags, extents, regions)


main(*sys.argv[1:])
