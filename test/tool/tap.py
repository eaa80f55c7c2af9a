# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
"""Results in TAP."""


def judge(good, name, found=''):
    print('ok - ' + name if good else 'not ok - %s (%s)' % (name, str(found)[:300]), flush=True)
