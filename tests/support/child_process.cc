// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "tests/support/eventually.h"

namespace capmon {
namespace {

void JoinCgroups(const std::vector<UniqueFd>& members) {
  for (const UniqueFd& file : members) {
    [[maybe_unused]] const ssize_t ignored = write(file.get(), "0", 1);
  }
}

bool BecomeUser(uid_t user) {
  return setgroups(0, nullptr) == 0 && setresgid(user, user, user) == 0 &&
         setresuid(user, user, user) == 0;
}

// Between fork and exec: nothing here allocates.
[[noreturn]] void Become(char* const* arguments, const ProcessOptions& options, const int (&fds)[3],
                         const std::vector<UniqueFd>& members) {
  for (int i = 0; i < 3; ++i) dup2(fds[i], i);
  JoinCgroups(members);
  if (options.user && !BecomeUser(*options.user)) _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  execvp(arguments[0], arguments);
  _exit(127);
}

std::string Contents(int fd) {
  std::string text;
  char buffer[65536];
  for (off_t at = 0;;) {
    const ssize_t got = pread(fd, buffer, sizeof(buffer), at);
    if (got <= 0) return text;
    text.append(buffer, got);
    at += got;
  }
}

}  // namespace

ChildProcess::ChildProcess(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors)
    : pid_(pid), input_(std::move(input)), output_(std::move(output)), errors_(std::move(errors)) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      exit_code_(other.exit_code_),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0 || exit_code_) return;
  kill(pid_, SIGKILL);
  Reap(0);
}

absl::StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments,
                                                 const ProcessOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "make a pipe");
  UniqueFd child_input(ends[0]);
  UniqueFd input(ends[1]);
  UniqueFd output(memfd_create("output", MFD_CLOEXEC));
  UniqueFd errors(memfd_create("errors", MFD_CLOEXEC));
  std::vector<UniqueFd> members;
  for (const std::string& cgroup : options.cgroups) {
    members.emplace_back(open((cgroup + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  }
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  const int fds[] = {child_input.get(), output.get(), errors.get()};
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork for " + arguments[0]);
  if (pid == 0) Become(pointers.data(), options, fds, members);
  return ChildProcess(pid, std::move(input), std::move(output), std::move(errors));
}

bool ChildProcess::Reap(int flags) {
  if (exit_code_) return true;
  int status = 0;
  if (waitpid(pid_, &status, flags) != pid_) return false;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

bool ChildProcess::Running() { return !Reap(WNOHANG); }

void ChildProcess::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

bool ChildProcess::WriteLine(const std::string& line) {
  const std::string text = line + "\n";
  return write(input_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

absl::StatusOr<int> ChildProcess::Wait(std::chrono::seconds limit) {
  if (exit_code_) return *exit_code_;
  const UniqueFd ended(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  pollfd waited{ended.get(), POLLIN, 0};
  const auto milliseconds = std::chrono::milliseconds(limit * Patience()).count();
  if (poll(&waited, 1, static_cast<int>(milliseconds)) <= 0 || !Reap(0)) {
    return absl::DeadlineExceededError("wait for process " + std::to_string(pid_));
  }
  return *exit_code_;
}

std::string ChildProcess::out() const { return Contents(output_.get()); }
std::string ChildProcess::err() const { return Contents(errors_.get()); }

Outcome RunProgram(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  auto process = ChildProcess::Start(arguments, options);
  if (!process.ok()) return {-1, "", std::string(process.status().message())};
  process->CloseInput();
  const auto exit_code = process->Wait(std::chrono::seconds(120));
  if (!exit_code.ok()) return {-1, process->out(), process->err() + " (still running)"};
  return {*exit_code, process->out(), process->err()};
}

bool OnPath(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace capmon
