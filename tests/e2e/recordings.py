# SPDX-License-Identifier: Apache-2.0
"""Recordings of many containers, some with harmful names."""
import random

DOCKER = 0xA80425FB
EVERYTHING = (1 << 41) - 1
HOSTILE = [
    '<script>document.title="taken"</script>',
    '"><img src=http://capmon.invalid/x onerror=alert(1)>',
    "' onmouseover='alert(2)",
    '</style></title><h1>not ours</h1>',
    '\x1b[2J\x1b]0;taken\x07bell',
    '\u202egnp.exe\u2066',
    '&lt;b&gt; & friends \u0645\u0631\u062d\u0628\u0627',
    'a-name-without-any-end-' * 8,
]
# What they do: capability, kernel function, system call, binary.
DEEDS = [
    ('CAP_NET_RAW', 'inet_create', 'socket', 'ping'),
    ('CAP_NET_BIND_SERVICE', 'inet_bind', 'bind', 'nginx'),
    ('CAP_CHOWN', 'chown_ok', 'chown', 'tar'),
    ('CAP_SETUID', '__sys_setuid', 'setuid', 'su'),
]


def escaped(text):
    safe = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-+@'
    return ''.join(chr(b) if b in safe else '%%%02x' % b for b in text.encode())


def container(number, name, held, deeds, denied=False):
    t = 2_000_000_000 + number * 1_000_000
    cid = '%064x' % (0xABC0000000000000 * 2**192 + number)
    yield f'cgroup t={t} id={number + 10} path=/docker/{cid}'
    yield (f'container t={t} id={cid} source=docker name={escaped(name)} '
           f'image={escaped("registry.example/" + name[:40])}')
    yield (f'exec t={t + 1} cgroup={number + 10} pid={number + 100} comm=start path=/bin/start exe=5 '
           f'origin=own prm={held:x} eff={held:x} bnd={held:x}')
    for capability, site, call, binary in deeds:
        key = f'cgroup={number + 10} cap={capability} granted=1 site={site} syscall={call} traits=8 origin=own exe=5'
        count = number % 7 + 1
        yield f'check t={t + 2} {key} count={count} ok={count}'
        yield f'sample t={t + 2} {key} pid=7 tid=7 comm={binary} binary={escaped(binary)} callers={site}'
    if denied:
        yield (f'check t={t + 3} cgroup={number + 10} cap=CAP_SYS_TIME site=cap_settime '
               f'syscall=clock_settime origin=own exe=5 count=1 failed=1 errnos=2')


def recording(count):
    chance = random.Random(7)
    lines = ['capmon-recording 1',
             'source t=1000000000 backend=tp_btf kernel=6.18.0 layout=v2 outcomes=1 '
             'blind=' + escaped('options & <flags> are not carried: "guessed"')]
    for number in range(count):
        name = HOSTILE[number] if number < len(HOSTILE) else f'service-{number:03}'
        held = EVERYTHING if number % 50 == 3 else 0 if number % 50 == 4 else DOCKER
        deeds = chance.sample(DEEDS, chance.randint(0, 3)) if held else []
        lines += container(number, name, held, deeds, denied=number % 20 == 5)
    lines.append(f'clock t={2_000_000_000 + count * 1_000_000 + 3600 * 10**9}')
    return '\n'.join(lines) + '\n'


def merged(paths):
    """Merges recordings of one container each, in order of time; containers are named after the files."""
    lines = []
    for path in paths:
        events = [line for line in path.read_text().splitlines()[1:] if line and line[0] != '#']
        lines += events
        made = next(line for line in events if line.startswith('cgroup '))
        time, cid = made.split()[1], made.rsplit('/', 1)[1]
        lines.append(f'container {time} id={cid} source=docker name={path.stem.replace("_", "-")}')
    lines.sort(key=lambda line: int(line.split(' t=')[1].split()[0]))
    return '\n'.join(['capmon-recording 1', *lines]) + '\n'
