# SPDX-License-Identifier: Apache-2.0
"""Capability names of the running kernel, and the sets the corpus starts from."""

import pathlib

NAMES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP
LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE
SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()

DOCKER_DEFAULT = frozenset("""CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP
SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE""".split())


def host_bounding() -> frozenset[str]:
    """Every capability root has here: a container cannot be given more."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapBnd:"):
            mask = int(line.split()[1], 16)
            return frozenset(name for bit, name in enumerate(NAMES) if mask >> bit & 1)
    raise RuntimeError("cannot read the bounding set of this process: no CapBnd in its status")


def ordered(names) -> list[str]:
    """Names in kernel order."""
    return sorted(names, key=NAMES.index)


def text(names) -> str:
    return " ".join(ordered(names)) or "-"
