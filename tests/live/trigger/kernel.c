// SPDX-License-Identifier: Apache-2.0
// Deeds upon the rest of the kernel: its log, clocks, names, counters.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <sys/klog.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/live/trigger/deeds.h"

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

// Switches process accounting off in our own pid namespace, where it never was on.
static int SysPacct(int turn) {
  (void)turn;
  return acct(NULL);
}

static int SysAdmin(int turn) {
  (void)turn;
  return sethostname("trigger", 7);
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

const struct deed kKernelDeeds[] = {
    {"IPC_OWNER", IpcOwner},   {"SYS_PACCT", SysPacct},
    {"SYS_ADMIN", SysAdmin},   {"SYSLOG", Syslog},
    {"WAKE_ALARM", WakeAlarm}, {"BPF", Bpf},
    {"PERFMON", Perfmon},      {NULL, NULL},
};
