#!/usr/bin/env python3
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# map_page.py GPUAS DIR: are maps of the files in DIR whole, well formed, and do they say what ls and
# diff say? Without a browser. Prints TAP.
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from tap import judge

GPUAS, DIR = sys.argv[1:]
EMPTY = {'meta', 'input', 'rect', 'path', 'br'}


def run(*arguments):
    done = subprocess.run([GPUAS, *arguments], cwd=DIR, capture_output=True)
    return done.returncode, done.stdout.decode('ascii'), done.stderr.decode(errors='replace')


def lines_of(text):
    """What is a range, of ls or diff."""
    return [line.strip() for line in text.splitlines() if re.search(r'0x[0-9a-f]{16}-0x', line)]


class Page(HTMLParser):
    """Titles of boxes and marks; elements that are not closed, or are none of ours."""

    def __init__(self, text):
        super().__init__()
        self.open, self.bad, self.tags = [], [], set()
        self.parts, self.on = [], None
        self.feed(text)
        self.bad += self.open

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        values = dict(attributes)
        self.bad += [name for name in values if name.startswith('on') or name in ('src', 'href')]
        if len(values) != len(attributes):
            self.bad.append('two of one name in ' + tag)
        if tag == 'g':
            self.on = values.get('class', '').split()
        if tag == 'title' and self.on:
            self.parts.append((self.on, ''))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append('/' + tag)
        if tag == 'g':
            self.on = None

    def handle_data(self, data):
        if self.on and self.open[-1] == 'title':
            self.parts[-1] = (self.on, self.parts[-1][1] + data)


def svg_parts(text):
    space = '{http://www.w3.org/2000/svg}'
    return [(g.get('class').split(), g.find(space + 'title').text) for g in ET.fromstring(text).iter(space + 'g')
            if g.find(space + 'title') is not None]


def titles(parts, which):
    return [text for classes, text in parts if which in classes]


def stands_for(text):
    """How many extents a box has, by its title."""
    several = re.match(r'0x\w+-0x\w+  (\d+) extents', text)
    return int(several[1]) if several else 1


def draw(name, end, *options):
    status, out, err = run('map', name, '-o', 'map.' + end, *options)
    if status or out:
        judge(False, 'a map of %s is drawn' % name, err or out)
    return open(DIR + '/map.' + end, 'rb').read().decode('ascii')


def touch(name, other, pa):
    """A copy of a core that has another byte at a PA."""
    core = bytearray(open(DIR + '/' + name, 'rb').read())
    at, = struct.unpack_from('<Q', core, 32)
    count, = struct.unpack_from('<H', core, 56)
    for i in range(count):
        kind, _, offset, _, start, size, _, _ = struct.unpack_from('<IIQQQQQQ', core, at + 56 * i)
        if kind == 1 and start <= pa < start + size:
            core[offset + pa - start] ^= 1
            break
    open(DIR + '/' + other, 'wb').write(core)


def one(name, *options):
    what = ' '.join((name,) + options)
    page = Page(draw(name, 'html', *options))
    drawing = svg_parts(draw(name, 'svg', *options))
    judge(not page.bad, 'the page of %s is well formed' % what, page.bad)
    judge(page.parts == drawing, 'page and drawing of %s are of the same parts' % what)
    want = lines_of(run('ls', name)[1])
    boxes = [text for classes, text in page.parts if 'x' in classes and 'new' not in classes]
    have = [text for text in boxes if stands_for(text) == 1]
    if len(have) == len(boxes):
        judge(sorted(have) == sorted(want) and want, 'each extent of %s has its line of ls' % what,
              set(want) ^ set(have))
    else:
        judge(set(have) <= set(want) and sum(map(stands_for, boxes)) == len(want),
              'each extent of %s is in a box' % what,
              (sum(map(stands_for, boxes)), len(want)))
    judge(draw(name, 'html', *options) == draw(name, 'html', *options) and
          draw(name, 'svg', *options) == draw(name, 'svg', *options),
          'the map of %s is the same each time' % what)
    return page


def main():
    for name in 'before.core', 'uat.core', 'agx.core', 'bad.core', 'owners.core', 'overlap.core', 'names.core':
        one(name)
    one('many.core')
    text = draw('crowd.core', 'html')
    judge(len(text) < 12 << 20, 'a crowd of 200000 extents makes no page of more than 12 MiB', len(text))
    said = re.search(r'; (\d+) boxes stand for (\d+) extents', text)
    boxes = [stands_for(text) for text in titles(Page(text).parts, 'x')]
    several = [count for count in boxes if count > 1]
    judge(sum(boxes) == 200000 and said and [len(several), sum(several)] == [int(said[1]), int(said[2])],
          'and it says how many are merged', said and said[0])
    text = draw('spaces.core', 'html')
    judge('; 172 spaces are not drawn' in text and text.count('<h2>') == 128, 'of 300 spaces 128 are drawn')
    page = one('before.core', '--diff', 'after.core')
    want = lines_of(run('diff', 'before.core', 'after.core')[1])
    have = [' '.join(text.split()) for text in titles(page.parts, 'd')]
    judge(len(want) > 3 and sorted(have) == sorted(' '.join(line.split()) for line in want),
          'each difference has its line of diff', (have, want))
    new = titles(page.parts, 'new')
    judge(new and all(text.startswith('mapped ') for text in new), 'what is mapped in the other has a box')
    touch('before.core', 'touched.core', 0x800451234)
    have = titles(one('before.core', '--diff', 'touched.core').parts, 'd')
    judge(len(have) == 1 and have[0].startswith('contents ') and 'handoff' in have[0],
          'other bytes in a region that is mapped nowhere are a mark', have)
    page = one('before.core', '--diff', 'before.core')
    judge(not titles(page.parts, 'd') and not titles(page.parts, 'new'), 'a file does not differ from itself')
    page = one('long.core', '--diff', 'longer.core')
    want, have = lines_of(run('diff', 'long.core', 'longer.core')[1]), titles(page.parts, 'd')
    judge(len(want) == 1 and want == have, 'a difference that takes many words is not cut off', (have, want))
    want = run('ls', 'long.core')[1].splitlines()[-1].split()
    judge(want[1:3] == ['1048560K', '0x00200000000'] and want[-4:-1] == ['raw', 'lent', 'a-name-of-23-characters'],
          'and there is a blank between words that are long', want)
    page = one('before.core', '--diff', 'many.core')
    judge(titles(page.parts, 'unmapped') and titles(page.parts, 'mapped'), 'files of two machines differ')
    tags = Page(draw('names.core', 'html')).tags
    judge(not tags & {'b', 'link', 'img', 'a'}, 'names of files and spaces make no elements', tags)
    bad()


def bad():
    for what, arguments in (('no file to write to', ()), ('no kind of file', ('-o', 'map.png')),
                            ('an option of others', ('-o', 'map.svg', '--json')),
                            ('another file that is not there', ('-o', 'map.svg', '--diff', 'nothing'))):
        status, out, err = run('map', 'before.core', *arguments)
        judge(status == 2 and err and not out, 'bad-map: %s ends with 2, and is said' % what, (status, err))
    for where in '/dev/full/map.svg', 'nowhere/map.html':
        status, out, err = run('map', 'before.core', '-o', where)
        judge(status == 2 and 'cannot be written' in err, 'bad-map: %s cannot be written, which is said' % where,
              (status, err))


main()
