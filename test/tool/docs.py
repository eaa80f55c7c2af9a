#!/usr/bin/env python3
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# docs.py PAGE README DIR: the page's commands are run in DIR, in their order, and print what stands below
# them; "..." stands for any lines. Its pictures are what DIR has then. What README has of the tool is run, too.
# Prints TAP.
import os
import re
import shutil
import subprocess
import sys

from tap import judge

PAGE, README, DIR = sys.argv[1:]
GUEST = ('qemu-system-aarch64 -M virt,memory-backend=ram -object memory-backend-ram,id=ram,size=32G,reserve=off '
         '-cpu cortex-a72 -m 32G -S -nodefaults -display none -monitor stdio '
         '-device loader,file=guest.ram,addr=%s,force-raw=on')


def steps(text):
    """Each command of the blocks, and the lines below it."""
    found = []
    for block in re.findall(r'^```console\n(.*?)^```$', text, re.M | re.S):
        for line in block.splitlines():
            if re.match(r'(\$|\(qemu\)) ', line):
                found.append((line, []))
            else:
                found[-1][1].append(line.rstrip())
    return found


def like(want, have):
    """The same lines, where "..." is any."""
    parts = ['(?:.*\n)*?' if line == '...' else re.escape(line) + '\n' for line in want]
    return re.fullmatch(''.join(parts), ''.join(line + '\n' for line in have))


def shell(command):
    done = subprocess.run(['bash', '-c', command], cwd=DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, [line.rstrip() for line in done.stdout.decode(errors='replace').splitlines()]


def in_monitor(command):
    """A guest that has the RAM of the machine; nothing runs in it."""
    _, name, start, _ = command.split()
    os.remove(DIR + '/' + name)
    subprocess.run((GUEST % start).split(), cwd=DIR, input=(command + '\nquit\n').encode(), timeout=120,
                   stdout=open(DIR + '/qemu.log', 'wb'), stderr=subprocess.STDOUT)
    return (0, []) if os.path.exists(DIR + '/' + name) else (2, open(DIR + '/qemu.log').read().splitlines())


def one(line, want):
    prompt, command = line.split(' ', 1)
    program = command.split()[0] if prompt == '$' else 'qemu-system-aarch64'
    if not shutil.which(program):
        print('ok - %s # SKIP no %s' % (command.replace('#', ''), program))
        return
    status, have = shell(command) if prompt == '$' else in_monitor(command)
    good = like(want, have) and (status < 2 or program not in ('gpuas', 'qemu-system-aarch64'))
    judge(good, command, 'ends with %d, and says other things than the page' % status)
    if not good:
        print('\n'.join(have), file=sys.stderr)


def is_whole(text, commands):
    fences = re.findall(r'^```.*$', text, re.M)
    judge(fences.count('```console') * 2 == len(fences) and not re.search(r'^(    |\t)', re.sub(
        r'^```console\n.*?^```$', '', text, flags=re.M | re.S), re.M), 'each block is one that is run')
    for word in commands:
        judge('$ gpuas %s ' % word in text, 'the page has gpuas ' + word)
    for word in 'readelf', 'gdb-multiarch', 'drgn':
        judge('$ %s ' % word in text, 'and it has ' + word)


def pictures(text):
    names = re.findall(r'^!\[.*?\]\((.*?)\)', text, re.M)
    judge(names, 'there is a picture')
    for name in names:
        kept, drawn = (open(path, 'rb').read() if os.path.exists(path) else b''
                       for path in (os.path.join(os.path.dirname(PAGE), name), os.path.join(DIR, name)))
        judge(kept and kept == drawn, name + ' is what the commands draw', 'another is in ' + DIR)
        judge(len(kept) < 40000, 'and small', len(kept))


def readme(text, commands):
    lines = re.findall(r'^    (gpuas \w+ .*?)  +\S', text, re.M)
    judge({line.split()[1] for line in lines} == set(commands), 'README.md has each command', lines)
    for line in lines:
        status, have = shell(line)
        judge(status < 2 and (have or '-o' in line), 'which README.md has: ' + line, have)
    page = os.path.relpath(PAGE, os.path.dirname(README))
    for name in [page] + re.findall(r'!\[.*?\]\((.*?)\)', text):
        judge('(%s)' % name in text and os.path.exists(os.path.join(os.path.dirname(README), name)),
              'it leads to ' + name)


def main():
    text = open(PAGE).read()
    commands = re.findall(r'^  (\w+) +FILE', subprocess.run(['gpuas', 'help'], stdout=subprocess.PIPE).stdout.decode(),
                          re.M)
    is_whole(text, commands)
    for line, want in steps(text):
        one(line, want)
    pictures(text)
    readme(open(README).read(), commands)


main()
