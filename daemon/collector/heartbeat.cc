// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/heartbeat.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace capmon {
namespace {

// Giving up what capmond holds is what makes the kernel ask: capmond then has more than its reader.
void DropCapabilities() {
  const cap_t none = cap_init();
  cap_set_proc(none);
  cap_free(none);
}

// The child's whole life. /proc/PID/stat leaves out addresses when SYS_PTRACE is refused.
[[noreturn]] void Live(int orders, const char* parents_stat) {
  dup2(orders, STDIN_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, 0);  // links and maps must go when capmond goes
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "capmon-probe");
  DropCapabilities();
  const int stat = open(parents_stat, O_RDONLY | O_CLOEXEC);
  char order, text[512];
  while (stat >= 0 && read(STDIN_FILENO, &order, 1) == 1)
    if (pread(stat, text, sizeof(text), 0) < 0) break;
  _exit(0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Heartbeat>> Heartbeat::Start(uint32_t exe) {
  std::unique_ptr<Heartbeat> heartbeat(new Heartbeat(exe));
  if (absl::Status status = heartbeat->Fork(); !status.ok()) return status;
  return heartbeat;
}

absl::Status Heartbeat::Fork() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "make a pipe for the probe");
  const UniqueFd taken(ends[0]);
  orders_.Reset(ends[1]);
  fcntl(orders_.get(), F_SETFL, O_NONBLOCK);
  const std::string parents_stat = "/proc/" + std::to_string(getpid()) + "/stat";
  pid_ = fork();
  if (pid_ < 0) return absl::ErrnoToStatus(errno, "fork the probe");
  if (pid_ > 0) return absl::OkStatus();
  Live(taken.get(), parents_stat.c_str());
}

Heartbeat::~Heartbeat() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Heartbeat::Beat() {
  // Whatever goes wrong here, the beat is missed, and that is noticed.
  if (pid_ <= 0 || waitpid(pid_, nullptr, WNOHANG) == pid_) Fork().IgnoreError();
  [[maybe_unused]] const ssize_t written = write(orders_.get(), "", 1);
}

bool Heartbeat::IsOwn(const CheckKey& key) const {
  return key.capability == CAP_SYS_PTRACE && !key.granted && key.exe == exe_ &&
         key.syscall == "pread64";
}

}  // namespace capmon
