# SPDX-License-Identifier: Apache-2.0
"""What a resumption (XEP-0198) costs the server, in CPU time of all its threads, beside login and TLS.

    HANSARD=build/release/src/hansard /usr/bin/python3 tests/integration/resume_cost.py [COUNT]

COUNT sessions lose their connections; as many new ones log in; then the clock starts, and each resumes
one session in which ten messages wait. Exits with 1 if that is dearer than the target.
"""

import os
import sys

import harness
import raw
from harness import Server, until
from managed import SM, Managed

WAITING = 10
TARGET_MS = 1.0


def cpu_seconds(pid):
    """Of all threads, from the scheduler: nanoseconds."""
    total = 0
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/schedstat' % (pid, task)) as f:
            total += int(f.read().split()[0])
    return total / 1e9


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    limits = dict(harness.UNLIMITED_RATES, preauth_per_address=2000)
    server = Server({'limits': limits}, {
        **{'user%d' % n: 'secret-of-%d' % n for n in range(count)}, 'talker': 'talkers-secret'})
    try:
        server.start()
        people = [Managed(server, 'user%d' % n) for n in range(count)]
        talker = server.login('talker')
        for person in people:
            person.cut()
        until(lambda: sum('waits to be resumed' in line for line in server.lines) == count,
              what='that all connections are lost')
        for n in range(count):
            for m in range(WAITING):
                talker.send("<message to='user%d@localhost/managed' type='chat' id='%d'>"
                            '<body>%s</body></message>' % (n, m, 'x' * 100))
        talker.ping()
        for person in people:
            person.log_in()
        before = cpu_seconds(server.pid)
        for person in people:
            person.client.send("<resume xmlns='%s' previd='%s' h='%d'/>" %
                               (SM, person.id, person.handled))
            answer = person.finish_return()
            assert answer.tag == raw.q(SM, 'resumed'), raw.to_text(answer)
        for person in people:
            person.client.pump(lambda: len(person.client.reader.elements) > WAITING)
        each = (cpu_seconds(server.pid) - before) / count * 1000
        print('%d resumptions, %d stanzas waiting in each: %.3f ms of CPU each (target %.1f)' %
              (count, WAITING, each, TARGET_MS))
        return each > TARGET_MS
    finally:
        server.remove()


if __name__ == '__main__':
    sys.exit(main())
