// SPDX-License-Identifier: Apache-2.0
// Plays a program in a container: makes checks and changes nothing outside itself.
//   bench_some_checks                 checks of about 25 kinds: 13 granted, then the same denied
//   bench_some_checks RATE SECONDS    so many checks a second, of one kind; prints how many
//   bench_some_checks -               prints a line, then makes one check for each line of input,
//                                     each of a capability that was not checked before
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr int kCalls = 13;
constexpr int kNewCapability = 7;  // from this call on, each is of another capability

void RaiseLimit() {
  const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  (void)setrlimit(RLIMIT_MSGQUEUE, &unlimited);
}

// Makes a system call that is rejected for its operands after the check, or that concerns only this
// process.
void MakeCheck(int call) {
  switch (call) {
    case 0: (void)syscall(SYS_sethostname, nullptr, -1L); break;
    case 1: (void)syscall(SYS_setdomainname, nullptr, -1L); break;
    case 2: (void)syscall(SYS_swapoff, nullptr); break;
    case 3: (void)syscall(SYS_swapon, nullptr, 0L); break;
    case 4: (void)syscall(SYS_unshare, CLONE_NEWUTS); break;
    case 5: (void)syscall(SYS_ioprio_set, 1L, 0L, 1L << 13 | 4L); break;  // real time
    case 6: (void)setresgid(getgid() + 1, static_cast<gid_t>(-1), static_cast<gid_t>(-1)); break;
    case 7: (void)syscall(SYS_chroot, "/"); break;
    case 8: RaiseLimit(); break;
    case 9: (void)syscall(SYS_setgroups, -1L, nullptr); break;
    case 10: (void)close(socket(AF_INET, SOCK_RAW, 1)); break;
    case 11: (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - 1); break;
    case 12: (void)prctl(PR_CAPBSET_DROP, 63, 0, 0, 0); break;
    default: break;
  }
}

void DropCapabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  (void)syscall(SYS_capset, &header, none);
}

void MakeEachKind() {
  for (int call = 0; call < kCalls; ++call) MakeCheck(call);
  DropCapabilities();
  for (int call = 0; call < kCalls; ++call) MakeCheck(call);
}

int64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Makes what is due every millisecond.
void MakeAtRate(int64_t rate, int64_t seconds) {
  const int64_t start = Now();
  const int64_t whole = rate * seconds;
  for (int64_t made = 0; made < whole;) {
    const int64_t due = (Now() - start) * rate / 1'000'000'000;
    for (; made < due && made < whole; ++made) MakeCheck(0);
    const timespec pause = {0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  std::printf("%lld\n", static_cast<long long>(whole));
}

void MakeOnRequest() {
  std::puts("ready");
  std::fflush(stdout);
  int call = kNewCapability;
  for (int letter = std::getchar(); letter != EOF; letter = std::getchar())
    if (letter == '\n') MakeCheck(call++);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3)
    MakeAtRate(std::atoll(argv[1]), std::atoll(argv[2]));
  else if (argc == 2)
    MakeOnRequest();
  else
    MakeEachKind();
  return 0;
}
