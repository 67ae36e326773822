// SPDX-License-Identifier: Apache-2.0
// Deeds upon processes: their identity, memory, priority and number.
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/live/trigger/deeds.h"

#define SLEEPER "/bin/sleeper"  // this program, set-user-ID 1000

// The only way to another user's process that needs no capability of our own: a set-user-ID file.
static pid_t StartSleeper(int* pipe_in) {
  int to_child[2], from_child[2];
  char byte;
  if (pipe(to_child) != 0 || pipe(from_child) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    dup2(to_child[0], STDIN_FILENO);
    dup2(from_child[1], STDOUT_FILENO);
    for (int fd = 3; fd < 16; fd++) close(fd);
    execl(SLEEPER, SLEEPER, "--sleep", (char*)NULL);
    _exit(127);
  }
  close(to_child[0]);
  close(from_child[1]);
  *pipe_in = to_child[1];
  const bool ready = child > 0 && read(from_child[0], &byte, 1) == 1;
  close(from_child[0]);
  return ready ? child : -1;
}

int Sleep(void) {
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
  return setresuid(-1, 0, -1);  // back to the real id: causes no check
}

static int Setpcap(int turn) {
  (void)turn;
  return prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0);
}

static int IpcLock(int turn) {
  static void* memory;
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

static int SysNice(int turn) {
  const struct rlimit none = {0, 0};
  if (turn == 0 && setrlimit(RLIMIT_NICE, &none) != 0) return -1;
  const int now = getpriority(PRIO_PROCESS, 0);
  if (setpriority(PRIO_PROCESS, 0, now - 1) != 0) return -1;
  return setpriority(PRIO_PROCESS, 0, now);
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

const struct deed kProcessesDeeds[] = {
    {"KILL", Kill},        {"SETGID", Setgid},
    {"SETUID", Setuid},    {"SETPCAP", Setpcap},
    {"IPC_LOCK", IpcLock}, {"SYS_PTRACE", SysPtrace},
    {"SYS_NICE", SysNice}, {"CHECKPOINT_RESTORE", CheckpointRestore},
    {NULL, NULL},
};
