#!/usr/bin/env python3
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# map_browser.py CHROMIUM DIR: opens maps in DIR in headless Chromium, points at boxes, types, zooms, and
# leaves pictures in DIR: light.png, dark.png, print.png, and what is printed, map.pdf. Prints TAP.
import base64
import json
import os
import re
import subprocess
import sys

from tap import judge

CHROMIUM, DIR = sys.argv[1], os.path.realpath(sys.argv[2])


class Browser:
    """Its protocol for debuggers, through a pipe: file descriptors 3 and 4."""

    def __init__(self):
        to_it, self.write = os.pipe()
        self.read, from_it = os.pipe()
        command = [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
                   '--user-data-dir=' + DIR + '/profile', '--remote-debugging-pipe', 'about:blank']
        high = [os.dup(to_it), os.dup(from_it)]
        self.process = subprocess.Popen(
            ['sh', '-c', 'exec "$@" 3<&%d 4>&%d' % tuple(high), 'sh'] + command, pass_fds=high,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(DIR + '/browser.log', 'wb'))
        for fd in [to_it, from_it] + high:
            os.close(fd)
        self.rest, self.count, self.session, self.errors = b'', 0, None, []
        self.session = self.attach()
        for domain in 'Page', 'Runtime':
            self.call(domain + '.enable')

    def attach(self):
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        return self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']

    def message(self):
        while b'\0' not in self.rest:
            more = os.read(self.read, 1 << 20)
            if not more:
                sys.exit('the browser has ended: see browser.log')
            self.rest += more
        text, self.rest = self.rest.split(b'\0', 1)
        message = json.loads(text)
        if message.get('method') == 'Runtime.exceptionThrown':
            self.errors.append(message['params']['exceptionDetails'])
        return message

    def call(self, method, **params):
        self.count += 1
        message = dict(id=self.count, method=method, params=params)
        if self.session:
            message['sessionId'] = self.session
        os.write(self.write, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.message()
            if answer.get('id') == self.count:
                if 'error' in answer:
                    sys.exit('%s: %s' % (method, answer['error']))
                return answer['result']

    def open(self, name):
        self.call('Page.navigate', url='file://' + DIR + '/' + name)
        while self.message().get('method') != 'Page.loadEventFired':
            pass

    def ask(self, script):
        """What an expression is; an error in it ends the test."""
        answer = self.call('Runtime.evaluate', expression=script, returnByValue=True)
        if 'exceptionDetails' in answer:
            sys.exit('%s: %s' % (script, answer['exceptionDetails']))
        return answer['result'].get('value')

    def point(self, x, y, click=False):
        self.call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y)
        for kind in ('mousePressed', 'mouseReleased') if click else ():
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def key(self, key, text=''):
        self.call('Input.dispatchKeyEvent', type='keyDown', key=key, text=text,
                  windowsVirtualKeyCode=46 if key == 'Delete' else 0)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key)

    def look(self, media='', dark=False):
        self.call('Emulation.setEmulatedMedia', media=media, features=[
            dict(name='prefers-color-scheme', value='dark' if dark else 'light')])

    def picture(self, name):
        data = self.call('Page.captureScreenshot', captureBeyondViewport=True)['data']
        open(DIR + '/' + name, 'wb').write(base64.b64decode(data))

    def paper(self, name):
        data = self.call('Page.printToPDF', landscape=True)['data']
        open(DIR + '/' + name, 'wb').write(base64.b64decode(data))

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
                  mobile=False)

    def end(self):
        self.session = None
        self.call('Browser.close')
        self.process.wait()


# What lies over each other, of texts and of boxes in each line; texts that are wider than their box.
OVERLAPS = '''(() => {
    const shown = (node) => { const r = node.getBoundingClientRect(); return {
        left: r.left, right: r.right, top: r.top, bottom: r.bottom, text: node.textContent }; };
    const over = (a, b) => a.left < b.right - .5 && b.left < a.right - .5 &&
        a.top < b.bottom - .5 && b.top < a.bottom - .5;
    const bad = [];
    const compare = (list) => { list.sort((a, b) => a.left - b.left);
        list.forEach((a, i) => { for (let j = i + 1; j < list.length && list[j].left < a.right; j++)
            if (over(a, list[j])) bad.push(a.text + ' / ' + list[j].text); }); };
    for (const line of document.querySelectorAll('LINE')) {
        compare([...line.querySelectorAll('text')].map(shown));
        compare([...line.querySelectorAll('.x rect, .g rect')].map(shown));
        compare([...line.querySelectorAll('.d rect')].map(shown));
    }
    for (const text of document.querySelectorAll('.x .l, .g .l')) {
        const a = shown(text), b = shown(text.parentNode.querySelector('rect'));
        if (a.left < b.left || a.right > b.right) bad.push('wide: ' + a.text);
    }
    return bad; })()'''

# Texts that stand on each other anywhere on the page
TEXTS = '''(() => {
    const list = [...document.querySelectorAll('text, h1, h2, p, label, output, button')]
        .filter((node) => node.getClientRects().length && node.textContent.trim())
        .map((node) => { const range = document.createRange(); range.selectNodeContents(node);
            return [range.getBoundingClientRect(), node]; });
    const bad = [];
    list.forEach(([a, p], i) => { for (const [b, q] of list.slice(i + 1))
        if (!p.contains(q) && a.left < b.right - .5 && b.left < a.right - .5 && a.top < b.bottom - .5 &&
            b.top < a.bottom - .5) bad.push(p.textContent + ' / ' + q.textContent); });
    return bad; })()'''

# How well labels can be read: contrast of the text with what is around it
CONTRAST = '''(() => {
    const light = (colour) => { const c = colour.match(/\\d+/g).slice(0, 3).map((v) => { v /= 255;
        return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
        return .2126 * c[0] + .7152 * c[1] + .0722 * c[2]; };
    const ratio = (a, b) => { const [p, q] = [light(a), light(b)];
        return (Math.max(p, q) + .05) / (Math.min(p, q) + .05); };
    const back = getComputedStyle(document.body).backgroundColor;
    return [...document.querySelectorAll('text, h1, h2, p')].map((node) => { const s = getComputedStyle(node);
        const halo = s.stroke === 'none' ? back : s.stroke;
        return ratio(node.tagName === 'text' ? s.fill : s.color, halo); })
        .reduce((a, b) => Math.min(a, b)); })()'''

WHERE = '''((g) => { g.scrollIntoView({ block: 'center', inline: 'center' });
    const r = g.querySelector('rect').getBoundingClientRect();
    return [r.left + r.width / 2, r.top + r.height / 2, g.querySelector('title').textContent]; })'''
STATUS = "document.getElementById('status').textContent"
BOX = "document.querySelectorAll('.x, .d')"


def nothing_overlaps(b, name, line='svg.line'):
    bad = b.ask(OVERLAPS.replace('LINE', line))
    judge(not bad, 'nothing overlaps in ' + name, bad)


def hover(b):
    count = b.ask(BOX + '.length')
    wrong = []
    for i in range(count):
        x, y, title = b.ask('%s(%s[%d])' % (WHERE, BOX, i))
        b.point(x, y)
        if b.ask(STATUS) != title:
            wrong.append(title)
    judge(count > 20 and not wrong, 'pointing at each of %d boxes and marks shows its line' % count, wrong)


def press(b, name):
    x, y, _ = b.ask("((e) => { const r = e.getBoundingClientRect(); return [r.left + r.width / 2, "
                    "r.top + r.height / 2, 0]; })(document.getElementById('%s'))" % name)
    b.point(x, y, click=True)


def type_in(b, text):
    b.ask("document.getElementById('search').focus(); document.getElementById('search').select()")
    b.key('Delete')
    if text:
        b.call('Input.insertText', text=text)
    return b.ask("[...document.querySelectorAll('.hit title')].map((t) => t.textContent)")


def search(b):
    for text, want in (('fw-text', 'fw-text'), ('0xffffff8000000123', 'fw-text'), ('FW-DATA', 'fw-data'),
                       ('0x10000000', 'user'), ('0x0005000010000001', '0x0005000010000000'),
                       ('0x800460010', 'fw-text'), ('fw=r-x', 'r-x')):
        hits = type_in(b, text)
        judge(hits and all(want in hit for hit in hits), 'a search for %s has its hits' % text, hits)
    counts = {len(type_in(b, text)): b.ask("document.getElementById('hits').textContent")
              for text in ('0x0005000010000001', '0xffffff8000000123', '0xffffffa001000000')}
    judge(counts.get(1) == '1 hit', 'one hit is one', counts)
    hits = type_in(b, '0x800460010')
    judge(len(hits) == 2 and any('0xffffff8' in hit for hit in hits), 'a PA is found where it is mapped, too', hits)
    count = len(type_in(b, 'owned'))
    judge(b.ask("document.getElementById('hits').textContent") == '%d hits' % count, 'hits are counted')
    b.key('Enter', '\r')
    first = b.ask(STATUS)
    b.key('Enter', '\r')
    judge('owned' in first and b.ask(STATUS) != first, 'Enter goes from hit to hit')
    judge(b.ask("document.getElementById('hits').textContent") == '2 of %d hits' % count, 'and says where it is')
    judge(b.ask("getComputedStyle(document.querySelector('.x:not(.hit)')).opacity") < '0.5', 'the others are dim')
    judge(not type_in(b, '0x123456789abcdef0') and not type_in(b, 'nobody'), 'what is not there has no hit')
    type_in(b, '')
    judge(b.ask("!document.querySelector('.searching')"), 'an empty search is none')


def keyboard(b):
    b.ask("document.querySelector('.x').focus()")
    seen = [b.ask(STATUS)]
    for _ in range(5):
        b.key('ArrowRight')
        seen.append(b.ask(STATUS))
    judge(len(set(seen)) == 6, 'arrow keys go from box to box', seen)
    b.key('ArrowLeft')
    judge(b.ask(STATUS) == seen[4], 'and back')
    b.key('End')
    judge(b.ask(STATUS) == b.ask("[...%s].pop().querySelector('title').textContent" % BOX), 'End goes to the last')
    judge(b.ask("document.querySelectorAll('[tabindex=\"0\"]').length") == 1, 'one box is reached by the tab key')
    b.key('+', '+')
    judge(b.ask("document.getElementById('zoom').textContent") == '2x', 'the + key zooms in')
    b.key('0', '0')
    judge(b.ask("document.getElementById('zoom').textContent") == '1x', 'the 0 key zooms out')


def zoom(b):
    labels = "document.querySelectorAll('.x .l').length"
    before, line = b.ask(labels), b.ask("document.querySelector('svg.line').outerHTML")
    for _ in range(2):
        press(b, 'in')
    judge(b.ask("document.querySelector('svg.line').getBoundingClientRect().width") == 4 * 1160, 'zoom widens')
    judge(b.ask(labels) >= before, 'and has more labels')
    nothing_overlaps(b, 'the page at zoom 4')
    judge(b.ask("document.documentElement.scrollWidth <= innerWidth"), 'only the map scrolls sideways')
    for _ in range(3):
        press(b, 'out')
    judge(b.ask("document.getElementById('zoom').textContent") == '1x', 'zoom ends at 1')
    sort = lambda text: sorted(re.findall(r'<text.*?</text>|<rect.*?>', text))
    now = b.ask("document.querySelector('svg.line').outerHTML")
    judge(sort(line) == sort(now), 'what the script draws at zoom 1 is what was there', (sort(line), sort(now)))


def layer(b):
    seen = ("[...document.querySelectorAll('.d, .new')].filter((g) => "
            "getComputedStyle(g).visibility === 'visible').length")
    before = b.ask(seen)
    press(b, 'layer')
    without = b.ask(seen)
    press(b, 'layer')
    judge(before >= 5 and without == 0 and b.ask(seen) == before, 'the layer of differences goes and comes',
          (before, without))


def halves(b):
    heads = b.ask("[...document.querySelectorAll('section')].map((s) => [s.querySelector('h2').textContent, "
                  "s.querySelectorAll('.x').length])")
    for half in 'upper half', 'lower half':
        judge(any(half in head and count for head, count in heads), 'the %s is shown' % half, heads)


def colours(b):
    """On paper there is no colour in a pattern, an edge or a text."""
    return b.ask('''[...document.querySelectorAll('svg *')].flatMap((n) => { const s = getComputedStyle(n);
        return [s.fill, s.stroke]; }).filter((c) => /^rgb/.test(c)).filter((c) => {
        const v = c.match(/[0-9.]+/g); return v[0] !== v[1] || v[1] !== v[2]; })''')


def patterns(b):
    return b.ask('''[...document.querySelectorAll('.legend g')].map((g) => { const r = g.querySelector('rect');
        const s = getComputedStyle(r), p = document.querySelector(s.fill.replace(/url\\("(#.*)"\\)/, '$1') +
        ' path'); return (p ? p.getAttribute('d') : '') + s.strokeDasharray; })''')


def main():
    b = Browser()
    b.size(1240, 900)
    b.look()
    b.open('page.html')
    halves(b)
    nothing_overlaps(b, 'the page')
    judge(not b.ask(TEXTS), 'no text stands on another', b.ask(TEXTS))
    judge(b.ask(CONTRAST) >= 4.5, 'each text has a contrast of 4.5 at least', b.ask(CONTRAST))
    judge(b.ask("document.querySelectorAll('.x .l').length") > 15, 'boxes have labels')
    hover(b)
    search(b)
    keyboard(b)
    zoom(b)
    layer(b)
    b.picture('light.png')
    b.look(dark=True)
    judge(b.ask(CONTRAST) >= 4.5, 'and so it has in the dark', b.ask(CONTRAST))
    judge(b.ask("getComputedStyle(document.body).backgroundColor") != 'rgb(255, 255, 255)', 'the dark is dark')
    b.picture('dark.png')
    for dark in False, True:
        b.look('print', dark)
        judge(not colours(b), 'on paper there is no colour' + (', wherever it was dark' if dark else ''), colours(b))
        judge(b.ask(CONTRAST) >= 4.5, 'and each text can be read', b.ask(CONTRAST))
    kinds = patterns(b)
    judge(len(set(kinds)) == len(kinds) > 10, 'without colour, patterns tell %d kinds apart' % len(kinds), kinds)
    b.picture('print.png')
    b.paper('map.pdf')
    b.look()
    for name in 'owners', 'names', 'overlap', 'many':
        b.open(name + '.html')
        nothing_overlaps(b, 'the page of ' + name)
    b.picture('many.png')
    judge(b.ask("!document.querySelector('b, script + script')") and not b.errors, 'no script fails', b.errors)
    b.open('page.svg')
    nothing_overlaps(b, 'the drawing', 'svg > g')
    judge(not b.ask(TEXTS), 'no text of the drawing stands on another', b.ask(TEXTS))
    b.picture('svg.png')
    b.end()


main()
