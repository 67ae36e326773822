// SPDX-License-Identifier: Apache-2.0
#include "client/run/check_command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <utility>

namespace capmon {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTick(20);

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

}  // namespace

CheckCommand::CheckCommand(std::string command, std::chrono::seconds timeout,
                           std::map<std::string, std::string> environment)
    : command_(std::move(command)),
      timeout_(timeout),
      deadline_(steady_clock::now() + timeout),
      environment_(std::move(environment)) {}

void CheckCommand::Conclude() {
  passed_ = false;
  TryUntil(steady_clock::now() + timeout_);
}

void CheckCommand::TryUntil(Deadline deadline) {
  if (!given() || passed_) return;
  const pid_t shell = ::fork();
  if (shell < 0) return;
  if (shell == 0) BecomeShell(command_.c_str(), environment_);
  int status = 0;
  while (::waitpid(shell, &status, WNOHANG) == 0) {
    if (steady_clock::now() >= deadline) {
      ::kill(-shell, SIGKILL);
      ::kill(shell, SIGKILL);  // if its group does not exist yet
    }
    std::this_thread::sleep_for(kTick);
  }
  passed_ = WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace capmon
