/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short-lived cgroups, capability checks of many kinds and capset(2) calls, as fast as the machine
 * makes them: what a container may do to be in the way of others.
 *
 *   storm churn PARENT NAME COUNT CHECKS   COUNT cgroups, one after the other; in each a child
 * makes CHECKS refused or granted checks and ends storm kinds LEVELS                     checks
 * from LEVELS nested user namespaces storm checks                           a few kinds of checks,
 * once storm capsets SECONDS                  capset(2) of what it has, in a loop storm execs COUNT
 * COUNT programs, one after the other storm wait                             until it is killed
 *
 * NAME is the start of the cgroups' names; what follows is a number of 8 hexadecimal digits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Each asks for a capability first and then fails for its arguments. */
static void CheckOfKind(int kind) {
  switch (kind % 6) {
    case 0: syscall(SYS_sethostname, NULL, -1L); break;
    case 1: syscall(SYS_setdomainname, NULL, -1L); break;
    case 2: syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 8); break;
    case 3: syscall(SYS_syslog, 8, NULL, 99); break;
    case 4: syscall(SYS_reboot, 0, 0, 0, NULL); break;
    case 5: close(socket(AF_INET, SOCK_RAW, 1)); break;
  }
}

static void WriteText(const char* path, const char* text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);

  if (fd < 0 || write(fd, text, strlen(text)) < 0) {
    perror(path);
    _exit(1);
  }
  close(fd);
}

static int Churn(const char* parent, const char* name, int count, int checks) {
  char path[1024], procs[1100];
  int i, kind, status;
  pid_t child;

  for (i = 0; i < count; i++) {
    snprintf(path, sizeof(path), "%s/%s%08x", parent, name, i);
    snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
    if (mkdir(path, 0755)) {
      perror(path);
      return 1;
    }
    child = fork();
    if (child == 0) {
      WriteText(procs, "0");
      for (kind = 0; kind < checks; kind++) CheckOfKind(kind);
      _exit(0);
    }
    waitpid(child, &status, 0);
    while (rmdir(path) && errno == EBUSY) sched_yield();
  }
  return 0;
}

/* A namespace whose owner is not mapped cannot make another. */
static void MapOwnIds(void) {
  WriteText("/proc/self/setgroups", "deny");
  WriteText("/proc/self/uid_map", "0 0 1");
  WriteText("/proc/self/gid_map", "0 0 1");
}

static int Kinds(int levels) {
  int level, kind;

  for (level = 0; level < levels; level++) {
    for (kind = 0; kind < 6; kind++) CheckOfKind(kind);
    if (unshare(CLONE_NEWUSER | CLONE_NEWUTS)) break;
    MapOwnIds();
  }
  return 0;
}

static int Capsets(int seconds) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  time_t end = time(NULL) + seconds;

  syscall(SYS_capget, &header, data);
  while (time(NULL) < end) syscall(SYS_capset, &header, data);
  return 0;
}

static void Exec(void) {
  pid_t child = vfork();

  if (child == 0) {
    execl("/proc/self/exe", "storm", "nothing", NULL);
    _exit(1);
  }
  waitpid(child, NULL, 0);
}

static int Execs(int count) {
  int i;

  for (i = 0; i < count; i++) Exec();
  return 0;
}

int main(int argc, char** argv) {
  int kind;

  if (argc == 6 && !strcmp(argv[1], "churn"))
    return Churn(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
  if (argc == 3 && !strcmp(argv[1], "kinds")) return Kinds(atoi(argv[2]));
  if (argc == 3 && !strcmp(argv[1], "capsets")) return Capsets(atoi(argv[2]));
  if (argc == 3 && !strcmp(argv[1], "execs")) return Execs(atoi(argv[2]));
  if (argc == 2 && !strcmp(argv[1], "nothing")) return 0;
  if (argc == 2 && !strcmp(argv[1], "checks")) {
    for (kind = 0; kind < 6; kind++) CheckOfKind(kind);
    return 0;
  }
  if (argc == 2 && !strcmp(argv[1], "wait"))
    for (;;) pause();
  fprintf(stderr, "usage: storm churn|kinds|capsets|checks|wait ...\n");
  return 2;
}
