// SPDX-License-Identifier: Apache-2.0
#include "client/run/child_command.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr int kCannotExecute = 126, kNotFound = 127;
constexpr size_t kMaxLine = 4096;
constexpr std::chrono::milliseconds kTick(100);
constexpr std::chrono::seconds kStopPatience(10);

// Does not repeat signals of the terminal, which reach the whole foreground group.
void PassOn(pid_t child, const siginfo_t& signal, CommandResult& result) {
  if (signal.si_signo == SIGCHLD) return;
  result.interrupted_by = signal.si_signo;
  if (signal.si_code != SI_KERNEL) ::kill(child, signal.si_signo);
}

// Becomes the command, in the child.
[[noreturn]] void Become(char* const* argv, int output, const BlockedSignals& signals,
                         const HelperTerms& terms) {
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  for (const auto& [name, value] : terms.environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::signal(SIGPIPE, SIG_DFL);
  signals.Restore();
  ::execvp(argv[0], argv);
  ::_exit(errno == ENOENT ? kNotFound : kCannotExecute);
}

std::string FirstLine(int file) {
  char text[kMaxLine];
  const ssize_t length = ::pread(file, text, sizeof(text), 0);
  const std::string_view all(text, length < 0 ? 0 : static_cast<size_t>(length));
  return std::string(all.substr(0, all.find('\n')));
}

}  // namespace

void WaitForChild(pid_t child, const BlockedSignals& signals, const std::function<bool()>& enough,
                  CommandResult& result) {
  using std::chrono::steady_clock;
  steady_clock::time_point patience_ends;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (!enough) {
      PassOn(child, signals.Next(), result);
      continue;
    }
    if (!result.stopped && enough()) {
      result.stopped = ::kill(child, SIGTERM) == 0;
      patience_ends = steady_clock::now() + kStopPatience;
    } else if (result.stopped && steady_clock::now() > patience_ends) {
      ::kill(child, SIGKILL);
    }
    if (const auto signal = signals.Next(kTick)) PassOn(child, *signal, result);
  }
  if (const int late = signals.TakeStop(); late != 0) result.interrupted_by = late;
  result.exit_code = ShellExitCode(status);
}

int ShellExitCode(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

absl::StatusOr<CommandResult> RunHelper(const std::vector<std::string>& command,
                                        const BlockedSignals& signals, const HelperTerms& terms) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  UniqueFd output;  // a file, which a command can write to without a reader
  if (terms.first_line != nullptr) {
    output.Reset(::memfd_create("output", MFD_CLOEXEC));
    if (!output)
      return absl::InternalError(
          absl::StrCat("cannot keep the output of ", command[0], ": ", std::strerror(errno)));
  }
  const pid_t child = ::fork();
  if (child < 0)
    return absl::InternalError(
        absl::StrCat("cannot start ", command[0], ": ", std::strerror(errno)));
  if (child == 0) Become(argv.data(), output ? output.get() : STDERR_FILENO, signals, terms);
  CommandResult result;
  WaitForChild(child, signals, nullptr, result);
  if (terms.first_line != nullptr) *terms.first_line = FirstLine(output.get());
  return result;
}

}  // namespace capmon
