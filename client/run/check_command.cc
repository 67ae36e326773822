// SPDX-License-Identifier: Apache-2.0
#include "client/run/check_command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <utility>

#include "client/run/blocked_signals.h"

namespace capmon {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::milliseconds kProbePause(20);

[[noreturn]] void BecomeShell(const char* command,
                              const std::map<std::string, std::string>& environment) {
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  ::setpgid(0, 0);  // so that the whole group can be killed
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  ::execl("/bin/sh", "sh", "-c", command, nullptr);
  ::_exit(127);
}

// Returns true if a signal that ends capmon waits until it is no longer blocked.
bool StopIsPending() {
  sigset_t pending;
  sigemptyset(&pending);
  ::sigpending(&pending);
  for (const int signal : BlockedSignals::kStops)
    if (sigismember(&pending, signal) == 1) return true;
  return false;
}

}  // namespace

CheckCommand::CheckCommand(std::string command, std::chrono::seconds timeout,
                           std::map<std::string, std::string> environment, CheckTerms terms)
    : command_(std::move(command)),
      timeout_(timeout),
      start_(steady_clock::now() + terms.after),
      deadline_(start_ + timeout),
      environment_(std::move(environment)),
      terms_(terms),
      repeats_left_(terms.repeat) {}

void CheckCommand::Try() {
  if (steady_clock::now() >= start_) TryUntil(deadline_);
}

void CheckCommand::Conclude() {
  passed_ = unsteady_ = false;
  repeats_left_ = terms_.repeat;
  const Deadline deadline = steady_clock::now() + timeout_;
  TryUntil(deadline);
  if (given() && !passed_) return RepeatFailure(deadline);
  while (passed_ && !settled() && steady_clock::now() < deadline) TryUntil(deadline);
}

void CheckCommand::RepeatFailure(Deadline deadline) {
  for (int i = 0; i < terms_.repeat && !passed_; ++i) {
    if (steady_clock::now() >= deadline || StopIsPending()) return;
    passed_ = unsteady_ = RunUntil(deadline);
  }
}

void CheckCommand::TryUntil(Deadline deadline) {
  if (!given() || settled()) return;
  const bool passed = RunUntil(deadline);
  if (!passed_) {
    passed_ = passed;
  } else if (passed) {
    --repeats_left_;
  } else if (steady_clock::now() < deadline && !StopIsPending()) {  // it was not killed
    unsteady_ = true;
  }
}

bool CheckCommand::RunUntil(Deadline deadline) const {
  const pid_t shell = ::fork();
  if (shell < 0) return false;
  if (shell == 0) BecomeShell(command_.c_str(), environment_);
  int status = 0;
  while (::waitpid(shell, &status, WNOHANG) == 0) {
    if (steady_clock::now() >= deadline || StopIsPending()) {
      ::kill(-shell, SIGKILL);
      ::kill(shell, SIGKILL);  // if its group does not exist yet
    }
    std::this_thread::sleep_for(kProbePause);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace capmon
