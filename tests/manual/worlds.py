# SPDX-License-Identifier: Apache-2.0
"""Where the commands of the documents run: a capmond, the containers that a document speaks of, and a directory with the
files that it names."""
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

import shop

SOURCE = pathlib.Path(__file__).resolve().parents[2]
HERE = SOURCE / 'tests/manual'
sys.path += [str(SOURCE / 'tests/e2e'), str(SOURCE / 'tests/corpus')]
from capmond import BIN, Capmond, eventually  # noqa: E402
from private_docker import Docker  # noqa: E402


PATIENCE = 300  # seconds for one command


class World:
    """Subclasses set `address`. `replaced`: what stands in a document, and what it is here."""
    replaced = {}
    docker_socket = '/nonexistent'

    def __init__(self, directory):
        self.directory = directory / 'work'
        self.directory.mkdir(parents=True)
        self.address = ''

    def environment(self):
        return {'PATH': f'{HERE}/programs:{SOURCE}/deploy/kubectl:{BIN}:{os.environ["PATH"]}', 'LANG': 'C.UTF-8',
                'HOME': str(self.directory), 'TERM': 'dumb', 'CAPMON_BIN_DIR': str(BIN),
                'CAPMON_ADDRESS': self.address,
                'CAPMON_TEST_DEPLOYMENT': str(HERE / 'files/deployment.yaml'),
                'CAPMON_TEST_KUBECTL': os.environ.get('CAPMON_TEST_KUBECTL', ''),
                'CAPMON_TEST_HELM': os.environ.get('CAPMON_TEST_HELM', ''),
                'DOCKER_HOST': f'unix://{self.docker_socket}'}

    def bash(self, script, directory=None):
        """In a network of its own, so that no port of the machine is taken. Returns exit code, output, errors."""
        for here, there in self.replaced.items():
            script = script.replace(here, there)
        try:
            done = subprocess.run(
                ['unshare', '--net', 'bash', '-c', f'ip link set lo up\n{script}'], cwd=directory or self.directory,
                env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
                check=False)
        except subprocess.TimeoutExpired:
            return 'none', '', f'it did not end within {PATIENCE} s'
        return done.returncode, done.stdout, done.stderr

    def make(self, script):
        code, _, errors = self.bash(f'set -e\n{script}')
        assert code == 0, f'{script}: {errors}'


class Replayed(World):
    """A capmond that replays a recording."""

    def __init__(self, directory, recording):
        super().__init__(directory)
        self.daemon = Capmond(directory, recording)
        self.address = self.daemon.address

    def __enter__(self):
        self.daemon.__enter__()
        self.prepare()
        return self

    def __exit__(self, *_):
        self.daemon.__exit__()

    def prepare(self):
        pass


class Shop(Replayed):
    """The Deployment shop/web, on one of its nodes, and the manifests of its repository."""

    def __init__(self, directory):
        super().__init__(directory, shop.recording())

    def prepare(self):
        for name in ('deploy', 'profiles'):
            (self.directory / name).mkdir()
        self.make('capmon export deploy/web >node2.yaml; cp node2.yaml profiles/web.yaml')
        # What the manifest of a Deployment is after step 5.
        self.make('capmon profile deploy/web --as k8s-patch >patch.yaml; "$CAPMON_TEST_KUBECTL" patch --local -f '
                  '"$CAPMON_TEST_DEPLOYMENT" --patch-file patch.yaml -o yaml >deploy/web.yaml; rm patch.yaml')
        shutil.copytree(SOURCE / 'deploy/kubernetes', self.directory / 'deploy/kubernetes')
        shutil.copytree(SOURCE / 'deploy/helm', self.directory / 'deploy/helm')


class Manifests(World):
    """The files of docs/ci.md. Needs no capmond."""

    def __enter__(self):
        shutil.copytree(HERE / 'files/ci', self.directory, dirs_exist_ok=True)
        return self

    def __exit__(self, *_):
        pass


class Host(World):
    """A Docker host: `old` ran before capmond; `web`, `owner` and others are the sample of the quickstart."""

    def __init__(self, directory):
        super().__init__(directory)
        self.scratch = directory
        self.docker = Docker(directory)
        self.docker_socket = self.docker.socket
        self.address = f'unix://{directory}/capmon.sock'
        self.processes = []

    def __enter__(self):
        try:
            self.docker.__enter__()
            self.make_image()
            self.start('old', 'sh', '-c', 'while :; do sleep 1; done')
            self.start_capmond()
            self.start_containers()
            self.make_files()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait(30)
        self.docker.__exit__()

    def make_image(self):
        self.make(f'cd {shlex.quote(str(SOURCE))}; scratch={self.scratch} logs={self.scratch}; set -u\n'
                  '. deploy/steps.sh; . deploy/sample/container.sh; make_rootfs')
        tar = subprocess.Popen(['tar', '-C', self.scratch / 'bundle/rootfs', '-c', '.'], stdout=subprocess.PIPE)
        self.docker('import', '--change', 'CMD /work.sh', '-', 'shop:1', stdin=tar.stdout)
        assert tar.wait() == 0
        self.docker('tag', 'shop:1', 'capmon-sample')

    def start(self, name, *line):
        options, words = [], list(line)
        while words and words[0].startswith('--label='):
            options.append(words.pop(0))
        image = 'capmon-sample' if name == 'capmon-sample' else 'shop:1'
        self.docker('run', '-d', '-i', '--network', 'none', '--name', name, *options, image, *words)

    def start_capmond(self):
        log = (self.scratch / 'capmond.log').open('w')
        self.processes.append(subprocess.Popen(
            [BIN / 'capmond', '--address', self.address, '--log-level', 'warn', '--state-dir', 'none', '--pin-dir',
             'none', '--docker-socket', self.docker_socket, '--watch-budget', '3600', '--config', 'none'],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        assert eventually(lambda: self.bash('capmon status')[0] == 0), (self.scratch / 'capmond.log').read_text()

    def start_containers(self):
        self.start('capmon-sample')
        self.start('web')
        self.start('shop-web-1', '--label=com.docker.compose.project=shop', '--label=com.docker.compose.service=web')
        self.start('owner', 'sh', '-c',
                   'touch /srv/f; while :; do chown 1 /srv/f && chown 0 /srv/f || exit 3; sleep 1; done')
        for name in ('capmon-sample', 'web', 'shop-web-1'):
            assert eventually(lambda: 'work done' in self.docker.command('logs', name).stdout), name
        for name in ('capmon-sample', 'web', 'compose:shop/web', 'owner'):
            assert eventually(lambda: '"CAP_CHOWN"' in self.bash(f'capmon profile {name} -o json')[1].split(
                '"recommendation"')[-1]), self.bash(f'capmon profile {name}')

    def make_files(self):
        self.scratch.chmod(0o755)  # the workers of nginx are another user
        idle = subprocess.Popen(['setpriv', '--no-new-privs', '--bounding-set=-sys_admin,-net_raw', 'sleep', '1000'],
                                stdin=subprocess.DEVNULL)
        self.processes.append(idle)
        web = self.docker('inspect', '-f', '{{.State.Pid}}', 'web')
        self.replaced = {'24747': str(idle.pid), '16355': web}
        work = self.directory
        (work / 'f').touch()
        temporary = ''.join(f'{one}_temp_path {work}/{one};' for one in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        (work / 'nginx.conf').write_text(
            f'user www-data; pid {work}/pid; error_log stderr; events {{}}\n'
            f'http {{ access_log off; {temporary} server {{ listen 127.0.0.1:80; root {work}; }} }}\n')
        (work / 'index.html').write_text('served\n')
        self.make('capmon export compose:shop/web >web.yaml')
