// SPDX-License-Identifier: Apache-2.0
// trigger [--count N] WORD...: does deeds that each need exactly one capability and no other.
//
// WORD is a capability ("NET_RAW") or "wait", which reads one line from standard input. Each deed is
// done N times and prints "NET_RAW done" or "NET_RAW refused: ERROR". Exit: 0 all done, 1 one was
// refused, 2 usage, 3 this kernel cannot do it at all. Needs the files that trigger_rootfs.cc makes.
// Run as uid 0 in its own namespaces. One static program without helpers, so the only other
// capability checks it causes are the kernel's own for memory overcommit.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <grp.h>
#include <unistd.h>

#define ROOTS_FILE "/srv/roots"        // 0:0 0644
#define SHUT_FILE "/srv/shut"          // 0:0 0000
#define FOREIGN_FILE "/srv/foreign"    // 1000:1000 0644
#define GROUP_FILE "/srv/group"        // 0:1000 0644
#define SLEEPER "/bin/sleeper"         // this program, set-user-ID 1000
#define STRANGER 1000

// Each deed returns 0, or -1 with errno set. It must undo itself where doing it twice would need no
// second check. `turn` counts up from 0.

static int Close(int fd) {
  if (fd < 0) return -1;
  return close(fd);
}

static int Chown(int turn) { return chown(ROOTS_FILE, STRANGER + turn, -1); }

static int DacOverride(int turn) {
  (void)turn;
  return Close(open(SHUT_FILE, O_WRONLY));
}

static int DacReadSearch(int turn) {
  (void)turn;
  return Close(open(SHUT_FILE, O_RDONLY));
}

// Setting explicit times, unlike chmod(2), asks for nothing but ownership.
static int Fowner(int turn) {
  const struct timespec times[2] = {{.tv_sec = turn}, {.tv_sec = turn}};
  return utimensat(AT_FDCWD, FOREIGN_FILE, times, 0);
}

// Without the capability chmod(2) succeeds and silently leaves the set-group-ID bit out.
static int Fsetid(int turn) {
  struct stat status;
  (void)turn;
  if (chmod(GROUP_FILE, 02755) != 0 || stat(GROUP_FILE, &status) != 0) return -1;
  if (status.st_mode & S_ISGID) return 0;
  errno = EPERM;
  return -1;
}

// The only way to another user's process that needs no capability of our own: a set-user-ID file.
static pid_t StartSleeper(int *pipe_in) {
  int to_child[2], from_child[2];
  char byte;
  if (pipe(to_child) != 0 || pipe(from_child) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    dup2(to_child[0], STDIN_FILENO);
    dup2(from_child[1], STDOUT_FILENO);
    for (int fd = 3; fd < 16; fd++) close(fd);
    execl(SLEEPER, SLEEPER, "--sleep", (char *)NULL);
    _exit(127);
  }
  close(to_child[0]);
  close(from_child[1]);
  *pipe_in = to_child[1];
  const bool ready = child > 0 && read(from_child[0], &byte, 1) == 1;
  close(from_child[0]);
  return ready ? child : -1;
}

static int Sleep(void) {
  char byte;
  if (setresuid(STRANGER, STRANGER, STRANGER) != 0) return 1;
  if (write(STDOUT_FILENO, "", 1) != 1) return 1;
  return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}

static int Kill(int turn) {
  static pid_t sleeper;
  static int pipe_in;
  if (turn == 0) sleeper = StartSleeper(&pipe_in);
  if (sleeper <= 0) {
    fprintf(stderr, "no process of another user to signal\n");
    exit(3);
  }
  return kill(sleeper, 0);
}

static int Setgid(int turn) {
  const gid_t groups[] = {STRANGER + turn};
  return setgroups(1, groups);
}

static int Setuid(int turn) {
  if (setresuid(-1, STRANGER + turn, -1) != 0) return -1;
  return setresuid(-1, 0, -1);  // back to the real id: asks for nothing
}

static int Setpcap(int turn) {
  (void)turn;
  return prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0);
}

static int NetBindService(int turn) {
  const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80 + turn)};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int result = bind(fd, (const struct sockaddr *)&address, sizeof(address));
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

static int NetBroadcast(int turn) {
  const int on = 1;
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  (void)turn;
  if (fd < 0) return -1;
  const int result = setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on));
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

static int NetAdmin(int turn) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = turn % 2 ? 0 : IFF_UP};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int result = ioctl(fd, SIOCSIFFLAGS, &request);
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

static int NetRaw(int turn) {
  (void)turn;
  return Close(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}

static int IpcLock(int turn) {
  static void *memory;
  const size_t size = 1 << 20;
  struct rlimit limit;
  if (turn == 0) {
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return -1;
    limit.rlim_cur = 4096;
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return -1;
    memory = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  if (memory == MAP_FAILED || mlock(memory, size) != 0) return -1;
  return munlock(memory, size);
}

// Even the owner may not read a segment with mode 0.
static int IpcOwner(int turn) {
  (void)turn;
  const int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT);
  if (segment < 0) return -1;
  struct shmid_ds status;
  const int result = shmctl(segment, IPC_STAT, &status);
  const int error = errno;
  shmctl(segment, IPC_RMID, NULL);
  errno = error;
  return result;
}

static int SysChroot(int turn) {
  (void)turn;
  return chroot("/");
}

// An undumpable process may not be looked into, not even by its own user.
static int SysPtrace(int turn) {
  static char secret = 's';
  char copy;
  int ready[2], done[2];
  char byte;
  (void)turn;
  if (pipe(ready) != 0 || pipe(done) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    close(done[1]);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (write(ready[1], "", 1) != 1) _exit(1);
    _exit(read(done[0], &byte, 1) != 0);
  }
  if (child < 0 || read(ready[0], &byte, 1) != 1) return -1;
  const struct iovec local = {&copy, 1}, remote = {&secret, 1};
  const ssize_t got = process_vm_readv(child, &local, 1, &remote, 1, 0);
  const int error = errno;
  for (int i = 0; i < 2; i++) {
    close(ready[i]);
    close(done[i]);
  }
  waitpid(child, NULL, 0);
  errno = error;
  return got == 1 ? 0 : -1;
}

// Switches process accounting off in our own pid namespace, where it never was on.
static int SysPacct(int turn) {
  (void)turn;
  return acct(NULL);
}

static int SysAdmin(int turn) {
  (void)turn;
  return sethostname("trigger", 7);
}

static int SysNice(int turn) {
  const struct rlimit none = {0, 0};
  if (turn == 0 && setrlimit(RLIMIT_NICE, &none) != 0) return -1;
  if (setpriority(PRIO_PROCESS, 0, -5) != 0) return -1;
  return setpriority(PRIO_PROCESS, 0, 0);
}

static int Mknod(int turn) {
  (void)turn;
  if (mknod("/srv/node", S_IFCHR | 0600, makedev(1, 3)) != 0) return -1;
  return unlink("/srv/node");
}

static int Lease(int turn) {
  (void)turn;
  const int fd = open(FOREIGN_FILE, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const int result = fcntl(fd, F_SETLEASE, F_RDLCK);
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

static int Setfcap(int turn) {
  const struct vfs_cap_data value = {
      .magic_etc = VFS_CAP_REVISION_2, .data = {{.permitted = 1 << CAP_KILL}}};
  (void)turn;
  return setxattr(ROOTS_FILE, "security.capability", &value, sizeof(value), 0);
}

// Opening the log does nothing, but is never allowed without the capability.
static int Syslog(int turn) {
  (void)turn;
  return klogctl(1, NULL, 0);
}

static int WakeAlarm(int turn) {
  (void)turn;
  return Close(timerfd_create(CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC));
}

static int Bpf(int turn) {
  union bpf_attr attributes = {
      .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1};
  (void)turn;
  return Close(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

static int Perfmon(int turn) {
  struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE,
                                       .size = sizeof(attributes),
                                       .config = PERF_COUNT_SW_CPU_CLOCK,
                                       .disabled = 1};
  (void)turn;
  return Close(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
}

static int CheckpointRestore(int turn) {
  pid_t wanted = 5000 + turn;
  struct clone_args arguments = {
      .exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&wanted, .set_tid_size = 1};
  const pid_t child = syscall(SYS_clone3, &arguments, sizeof(arguments));
  if (child == 0) _exit(0);
  if (child < 0) return -1;
  return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static const struct {
  const char *name;
  int (*deed)(int turn);
} kDeeds[] = {
    {"CHOWN", Chown},
    {"DAC_OVERRIDE", DacOverride},
    {"DAC_READ_SEARCH", DacReadSearch},
    {"FOWNER", Fowner},
    {"FSETID", Fsetid},
    {"KILL", Kill},
    {"SETGID", Setgid},
    {"SETUID", Setuid},
    {"SETPCAP", Setpcap},
    {"NET_BIND_SERVICE", NetBindService},
    {"NET_BROADCAST", NetBroadcast},
    {"NET_ADMIN", NetAdmin},
    {"NET_RAW", NetRaw},
    {"IPC_LOCK", IpcLock},
    {"IPC_OWNER", IpcOwner},
    {"SYS_CHROOT", SysChroot},
    {"SYS_PTRACE", SysPtrace},
    {"SYS_PACCT", SysPacct},
    {"SYS_ADMIN", SysAdmin},
    {"SYS_NICE", SysNice},
    {"MKNOD", Mknod},
    {"LEASE", Lease},
    {"SETFCAP", Setfcap},
    {"SYSLOG", Syslog},
    {"WAKE_ALARM", WakeAlarm},
    {"BPF", Bpf},
    {"PERFMON", Perfmon},
    {"CHECKPOINT_RESTORE", CheckpointRestore},
};

static void WaitForLine(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n') continue;
}

// 0 done, 1 refused, 2 no such deed.
static int Do(const char *name, int count) {
  for (size_t i = 0; i < sizeof(kDeeds) / sizeof(kDeeds[0]); i++) {
    if (strcmp(kDeeds[i].name, name) != 0) continue;
    for (int turn = 0; turn < count; turn++) {
      if (kDeeds[i].deed(turn) == 0) continue;
      if (errno == ENOSYS || errno == EOPNOTSUPP) exit(3);
      dprintf(STDOUT_FILENO, "%s refused: %s\n", name, strerror(errno));
      return 1;
    }
    dprintf(STDOUT_FILENO, "%s done\n", name);
    return 0;
  }
  return 2;
}

int main(int argc, char **argv) {
  int count = 1, next = 1, worst = 0;
  if (argc == 2 && strcmp(argv[1], "--sleep") == 0) return Sleep();
  if (argc > 2 && strcmp(argv[1], "--count") == 0) {
    count = atoi(argv[2]);
    next = 3;
  }
  if (next >= argc || count < 1) {
    fprintf(stderr, "usage: trigger [--count N] (CAPABILITY|wait)...\n");
    return 2;
  }
  for (; next < argc; next++) {
    if (strcmp(argv[next], "wait") == 0) {
      WaitForLine();
      continue;
    }
    const int result = Do(argv[next], count);
    if (result > worst) worst = result;
    if (result == 2) fprintf(stderr, "trigger: no deed needs %s\n", argv[next]);
  }
  return worst;
}
