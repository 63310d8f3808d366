# SPDX-License-Identifier: Apache-2.0
"""Puts what a unit file asks of the kernel on a process: its SystemCallFilter,
MemoryDenyWriteExecute, RestrictAddressFamilies and NoNewPrivileges, as systemd would, with
libseccomp. Namespaces, which need privileges, are not made."""

import ctypes
import errno
import socket
import subprocess

try:
    import seccomp
except ImportError:
    seccomp = None

PR_SET_NO_NEW_PRIVS = 38
PROT_WRITE, PROT_EXEC = 2, 4
FAMILIES = {'AF_UNIX': socket.AF_UNIX, 'AF_INET': socket.AF_INET, 'AF_INET6': socket.AF_INET6}


def settings(path):
    """Key → values, in order, of a unit file."""
    found = {}
    with open(path) as f:
        for line in f:
            key, equals, value = line.strip().partition('=')
            if equals and not key.startswith('#'):
                found.setdefault(key, []).append(value)
    return found


def calls_of(group):
    """The system calls in a group such as @system-service, groups within it included."""
    done = subprocess.run(['systemd-analyze', 'syscall-filter', '--no-pager', group],
                          capture_output=True, text=True, check=True)
    calls = set()
    for word in done.stdout.split('\n')[1:]:
        word = word.strip()
        if word.startswith('@'):
            calls |= calls_of(word)
        elif word and not word.startswith('#'):
            calls.add(word)
    return calls


def allowed_calls(unit):
    allowed = set()
    for line in unit['SystemCallFilter']:
        removing = line.startswith('~')
        for group in line.lstrip('~').split():
            calls = calls_of(group)
            allowed = allowed - calls if removing else allowed | calls
    return allowed


def make_filter(unit):
    """Loaded by its load(), in the process that is to be bound."""
    deny = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(defaction=deny)
    families = [FAMILIES[name] for name in unit['RestrictAddressFamilies'][0].split()]
    for call in sorted(allowed_calls(unit)):
        try:
            add(rules, call, families)
        except (RuntimeError, OSError, ValueError):
            pass  # not of this architecture
    return rules


def add(rules, call, families):
    if call == 'socket':
        for family in families:
            rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, family))
    elif call in ('mprotect', 'pkey_mprotect'):
        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(2, seccomp.MASKED_EQ, PROT_EXEC, 0))
    elif call == 'mmap':  # never both
        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(2, seccomp.MASKED_EQ, PROT_EXEC, 0))
        rules.add_rule(seccomp.ALLOW, call,
                       seccomp.Arg(2, seccomp.MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC))
    else:
        rules.add_rule(seccomp.ALLOW, call)


def no_new_privileges():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl')
