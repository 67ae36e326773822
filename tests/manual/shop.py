# SPDX-License-Identifier: Apache-2.0
"""The Deployment shop/web of the manual: three privileged pods of a real nginx, as a recording of the corpus has it,
in Kubernetes' words. Two pods run, one has ended."""
import pathlib
import re

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SECOND = 10**9
PODS = ['web-7d9c5b6f4-2xkqp', 'web-7d9c5b6f4-8mlzw', 'web-7d9c5b6f4-tn5dc']


def shifted(line, by, cgroup, path):
    line = re.sub(r'\bt=(\d+)', lambda found: f't={int(found[1]) + by}', line)
    line = re.sub(r'\b(cgroup|id)=7\b', rf'\1={cgroup}', line)
    return re.sub(r'\bpath=/capmon-corpus-\S+', f'path={path}', line)


def pod(number, lines, by):
    """The lines of one instance; the caller puts them into the order of time."""
    container, cgroup = f'{number + 1:x}' * 64, 70 + number
    path = f'/kubepods/burstable/pod{number + 1:08x}-0000-4000-8000-000000000000/{container}'
    for line in lines:
        if line.startswith('removed ') and number > 0:
            continue
        line = shifted(line, by, cgroup, path)
        yield line
        if line.startswith('cgroup '):
            time = re.search(r't=\d+', line)[0]
            yield (f'container {time} id={container} source=cri name=nginx image=nginx%3a1.27 runtime=containerd '
                   f'pod={PODS[number]} namespace=shop workload=deploy/web privileged=1 labels=app:web '
                   f'digest=sha256%3a{"c" * 64}')


def recording():
    text = (SOURCE / 'tests/replay/corpus/nginx.events').read_text().splitlines()
    head, lines = text[:5], [line for line in text[5:] if not line.startswith('#')]
    begun = int(re.search(r't=(\d+)', lines[0])[1])
    events, last = list(head), 0
    for number in range(3):
        for line in pod(number, lines, number * 60 * SECOND):
            events.append(line)
            last = max(last, int(re.search(r't=(\d+)', line)[1]))
    for number in (1, 2):  # they serve requests
        events.append(f'read t={last + 120 * SECOND} cgroup={70 + number} count=500')
    events.append(f'clock t={last + 121 * SECOND}')
    events.append(f'clock t={begun + 7200 * SECOND}')
    return '\n'.join(events) + '\n'


if __name__ == '__main__':
    print(recording(), end='')
