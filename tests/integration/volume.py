# SPDX-License-Identifier: Apache-2.0
"""A small volume of its own that a test can fill."""

import os
import subprocess
import tempfile


def small_volume(case, size):
    """A folder that holds `size` and goes with the test; skips the test where none can be mounted."""
    folder = tempfile.mkdtemp(prefix='hansard-it-volume-')
    case.addCleanup(os.rmdir, folder)
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=' + size, 'tmpfs', folder],
                             capture_output=True, text=True)
    if mounted.returncode != 0:
        case.skipTest('SKIPPED: no small volume can be mounted here: ' + mounted.stderr.strip())
    case.addCleanup(subprocess.run, ['umount', folder], check=True)
    return folder


def fill(folder):
    """Until nothing fits. The file that does it is returned."""
    path = os.path.join(folder, 'filler')
    with open(path, 'wb', buffering=0) as f:
        for size in (65536, 1024, 1):
            try:
                while f.write(bytes(size)):
                    pass
            except OSError:
                pass
    return path
