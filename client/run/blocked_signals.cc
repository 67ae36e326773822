// SPDX-License-Identifier: Apache-2.0
#include "client/run/blocked_signals.h"

#include <ctime>

namespace capmon {

BlockedSignals::BlockedSignals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGCHLD);
  for (const int signal : kStops) sigaddset(&set_, signal);
  std::signal(SIGCHLD, SIG_DFL);  // if a parent ignored it, children would vanish without a status
  ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
}

void BlockedSignals::Restore() const { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

std::optional<siginfo_t> BlockedSignals::Next(std::chrono::milliseconds patience) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const std::chrono::nanoseconds rest = patience - seconds;
  const timespec limit = {seconds.count(), rest.count()};
  siginfo_t info = {};
  if (::sigtimedwait(&set_, &info, &limit) < 0) return std::nullopt;
  return info;
}

int BlockedSignals::TakeStop() const {
  while (const auto signal = Next(std::chrono::milliseconds(0)))
    if (signal->si_signo != SIGCHLD) return signal->si_signo;
  return 0;
}

siginfo_t BlockedSignals::Next() const {
  siginfo_t info = {};
  while (::sigwaitinfo(&set_, &info) < 0) continue;
  return info;
}

}  // namespace capmon
