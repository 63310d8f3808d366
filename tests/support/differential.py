# SPDX-License-Identifier: Apache-2.0
"""The transcripts against other servers: what script/conformance --peers does and reports."""

import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import conformance

SECONDS_EACH = 40    # for one transcript
AT_A_TIME = 4
LOOSE = 'loose_'     # before the names of those that are
OUTCOME = re.compile(r'^(pass|FAIL) ([^\s:]+)(?:: )?(.*?)(?=^(?:pass|FAIL) |^\d+ passed, )', re.M | re.S)
STEP = re.compile(r'^(\S+:\d+): (\w+): (.*?)(?:\n  received (.*?))?(?:\n  expected (.*))?$', re.S)

# `without`: elements that the server never sends at all. What else differs would not be seen for them.
Peer = collections.namedtuple('Peer', 'name version without make')
Difference = collections.namedtuple('Difference', 'step who what received expected')



class Loose(str):
    """What was wrong, where nothing but the order, something more, or the type of an error was."""


PROSODY_ROOMS = '''modules_enabled = { "muc_mam" }
muc_room_default_persistent = true
muc_room_default_public = true
muc_room_default_history_length = 30
max_history_messages = 500'''


def prosody(accounts):
    from peers.prosody import Prosody
    if not shutil.which('prosody'):
        return None
    return Prosody(accounts, certificate_name=None, rooms='chat', room_options=PROSODY_ROOMS)


def ejabberd(accounts):
    from peers import ejabberd as program
    return program.Ejabberd(accounts, rooms='chat') if program.beams() else None


def version(package):
    done = subprocess.run(['dpkg-query', '-W', '-f=${Version}', package], capture_output=True, text=True)
    return done.stdout or 'not installed'


def known():
    return [Peer('prosody', version('prosody'), (), prosody),
            Peer('ejabberd', version('ejabberd'), ('occupant-id',), ejabberd)]


def read_outcomes(text):
    """name → '' or what was wrong, from the output of transcripts_over_sockets."""
    return {name: problem.strip() for _, name, problem in OUTCOME.findall(text)}


def difference(problem):
    found = STEP.match(problem)
    if not found:
        return Difference('', '', problem, '', '')
    return Difference(*(' '.join((part or '').split()) for part in found.groups()))


def without(script, elements):
    """A transcript that does not expect these elements."""
    for name in elements:
        script = re.sub(r"<%s [^>]*id='\{scansion:any\}'/>" % name, '', script)
    return script


def with_form_type(script):
    """Ours may be left out in forms; others want it (XEP-0068)."""
    return re.sub(r"(<x xmlns='jabber:x:data' type='submit'>\s*)(?=<field var='muc#)",
                  r"\1<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>", script)


def loosened(script):
    """What is received at one place may come in any order and with more in it, and errors may be of any type."""
    script = re.sub(r"<error type='[a-z]+'", '<error', script)
    blocks = re.split(r'^(?=\S)', script, flags=re.M)
    return ''.join(b if 'scansion:save' in b else re.sub(r'\A(\w+ receives)(?: exactly)?:', r'\1 in any order:', b)
                   for b in blocks)


def copy_scripts(folder, elements):
    """As they are, and loosened under a name of their own, so that they have other rooms and accounts."""
    for path in conformance.SCRIPTS.glob('*.scs'):
        script = with_form_type(without(path.read_text(), elements))
        (pathlib.Path(folder) / path.name).write_text(script)
        if path.name.startswith('_'):
            continue
        loose = script
        while 'include: ' in loose:
            loose = re.sub(r'(?m)^include: (_\w+)',
                           lambda m: (conformance.SCRIPTS / (m[1] + '.scs')).read_text(), loose)
        loose = loosened(with_form_type(without(loose, elements)))
        if '_' in path.stem:  # its own name in it; else it is a word of the protocol
            loose = re.sub(r'\b%s\b' % path.stem, LOOSE + path.stem, loose)
        (pathlib.Path(folder) / (LOOSE + path.name)).write_text(loose)


def run_one(program, name, env):
    try:
        done = subprocess.run([program, '/%s.scs' % name], capture_output=True, text=True,
                              errors='replace', timeout=SECONDS_EACH, env=env)
    except subprocess.TimeoutExpired:
        return 'not finished after %d s' % SECONDS_EACH
    # None: only possible in memory.
    return read_outcomes(done.stdout).get(name)


def run_twice(program, name, env):
    """What fails is tried once more, loosened: Loose says that this helped."""
    problem = run_one(program, name, env)
    if not problem:
        return problem
    again = run_one(program, LOOSE + name, env)
    return again if again else Loose(problem)


def run_peer(program, peer, names):
    """name → '' or what was wrong, for what was not skipped; None if the server is not there."""
    sys.path.insert(0, str(conformance.ROOT / 'tests' / 'integration'))
    with tempfile.TemporaryDirectory(prefix='hansard-conformance-') as folder:
        copy_scripts(folder, peer.without)
        env = dict(os.environ, HANSARD_TEST_SCRIPTS=folder, HANSARD_TEST_TIDY='1')
        listed = subprocess.run([program, '--accounts'], capture_output=True, text=True, check=True, env=env).stdout
        server = peer.make(dict(line.split(',', 1) for line in listed.splitlines()))
        if server is None:
            return None
        try:
            server.start()
            env.update(HANSARD_TEST_C2S='127.0.0.1:%d' % server.port,
                       HANSARD_TEST_DOMAIN=server.domain, HANSARD_TEST_SERVICE=server.rooms)
            with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
                told = list(pool.map(lambda name: run_twice(program, name, env), names))
        finally:
            server.remove()
    return {name: problem for name, problem in zip(names, told) if problem is not None}


def word(problem):
    if isinstance(problem, Loose):
        return 'loose'
    return {None: 'skipped', '': 'pass'}.get(problem, 'FAIL')


def of_row(tests, outcomes):
    """A row is as the worst of its tests that were run."""
    ran = [outcomes[test] for test in tests if test in outcomes]
    words = [word(problem) for problem in ran]
    return next((w for w in ('FAIL', 'loose', 'pass') if w in words), 'skipped')


def tables(report, peers):
    """Lines for people: a transcript each, then a row each, then how many."""
    names = ['ours', *peers]
    scripts = sorted(conformance.transcripts())
    ours = {name: report.outcomes[name] for name in report.outcomes}
    columns = [ours, *peers.values()]
    line = '%-34s' + ' %-9s' * len(names)
    yield line % ('transcript', *names)
    for script in scripts:
        yield line % (script, *(word(c.get(script)) for c in columns))
    yield ''
    yield line % ('row', *names)
    states = collections.defaultdict(collections.Counter)
    for row in report.rows:
        words = [of_row(report.tests.get(row.id, []), c) for c in columns]
        for name, said in zip(names, words):
            states[name][said] += 1
        yield line % (row.id + ' ' + row.section, *words)
    yield ''
    for name, column in zip(names, columns):
        counted = collections.Counter(word(column.get(s)) for s in scripts)
        yield '%s: transcripts %s; rows %s' % (name, counts(counted), counts(states[name]))


def counts(counter):
    return ', '.join('%d %s' % (counter[w], w.lower()) for w in ('pass', 'loose', 'FAIL', 'skipped'))


def markdown(report, peers, about):
    lines = ['# XEP-0045: the transcripts against other servers', '']
    lines += ['* %s %s%s' % (p.name, p.version, ', without ' + ', '.join(p.without) if p.without else '')
              for p in about]
    for name, outcomes in peers.items():
        lines += ['', '## ' + name, '']
        for script, problem in sorted(outcomes.items()):
            if not problem:
                continue
            told = difference(problem)
            lines += ['* %s, `%s` %s: %s%s' % (script, told.step, told.who, told.what,
                                               ' (passes loosely)' * isinstance(problem, Loose))]
            lines += ['  * received `%s`' % told.received.replace('`', "'")] if told.received else []
            lines += ['  * expected `%s`' % told.expected.replace('`', "'")] if told.expected else []
    return '\n'.join([*lines, '', '## All', '', '```', *tables(report, peers), '```', ''])
