// SPDX-License-Identifier: Apache-2.0
#include "client/run/run_session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/host/watched_mount.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr char kParent[] = "/capmon.run";
constexpr size_t kMaxName = 32;
constexpr int kCannotExecute = 126, kNotFound = 127;

// The number of the initial PID namespace, as the kernel defines it.
constexpr char kInitialPidNamespace[] = "pid:[4026531836]";

bool InInitialPidNamespace() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/ns/pid", error) == kInitialPidNamespace;
}

absl::Status Failed(const std::string& attempt, int error) {
  const std::string sentence = absl::StrCat("cannot ", attempt, ": ", std::strerror(error));
  if (error == EACCES || error == EPERM || error == EROFS)
    return absl::PermissionDeniedError(
        absl::StrCat(sentence, "; run it as root, with a writable cgroup file system"));
  return absl::InternalError(sentence);
}

void KillProcessesOf(const std::string& cgroup_procs) {
  std::ifstream file(cgroup_procs);
  for (pid_t pid = 0; file >> pid;)
    if (pid > 0) ::kill(pid, SIGKILL);
}

// Returns the errno of execvp(), or a negative errno for an error before it.
int JoinAndExecute(char* const* argv, int cgroup_procs, const RunTerms& terms,
                   const BlockedSignals& signals) {
  // Confines the process before it joins the cgroup: these checks are not the command's.
  const int error = terms.confinement ? Confine(*terms.confinement) : 0;
  if (error != 0) return -error;
  if (terms.output_to_stderr && ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return -errno;
  if (::write(cgroup_procs, "0", 1) != 1) return -errno;
  std::signal(SIGPIPE, SIG_DFL);
  signals.Restore();
  ::execvp(argv[0], argv);
  return errno;
}

// Becomes the command, in the child. Reports an error through the pipe.
[[noreturn]] void Become(char* const* argv, int cgroup_procs, int report, const RunTerms& terms,
                         const BlockedSignals& signals) {
  const int error = JoinAndExecute(argv, cgroup_procs, terms, signals);
  (void)!::write(report, &error, sizeof(error));
  ::_exit(kNotFound);
}

}  // namespace

std::string SessionName(const std::string& command, pid_t pid) {
  std::string name;
  for (const char c : command.substr(command.rfind('/') + 1)) {
    const bool safe = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
    name += safe ? c : '_';
  }
  return absl::StrCat(name.empty() ? "_" : name.substr(0, kMaxName), "-", pid);
}

pid_t AbandonedBy(const std::string& name, const std::string& command) {
  if (!InInitialPidNamespace()) return 0;
  const std::vector<std::string> parts = absl::StrSplit(name, '-');
  int number = 0, pid = 0;
  const bool ours = parts.size() == 3 && parts[0] == command &&
                    absl::SimpleAtoi(parts[1], &number) && absl::SimpleAtoi(parts[2], &pid);
  return ours && pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH ? pid : 0;
}

absl::StatusOr<RunSession> RunSession::Create(const std::string& command) {
  const auto mount = WatchedMount();
  if (!mount)
    return absl::InternalError(
        "capmon run needs a cgroup hierarchy and none is mounted; mount one on /sys/fs/cgroup");
  const std::string parent = mount->point + kParent;
  const std::string name = absl::StrCat("/", SessionName(command, ::getpid()));
  const std::string above = mount->root == "/" ? "" : mount->root;
  int error = 0;
  // Another session that ends may remove the parent just before this one creates its cgroup below
  // it.
  for (int attempt = 0; attempt < 10; ++attempt) {
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST)
      return Failed(absl::StrCat("make the cgroup ", parent), errno);
    if (::mkdir((parent + name).c_str(), 0755) == 0)
      return RunSession(absl::StrCat(above, kParent, name), parent + name);
    error = errno;
    if (error != ENOENT) break;
  }
  return Failed(absl::StrCat("make the cgroup ", parent, name), error);
}

void RemoveAbandonedSessions(const std::string& command) {
  const auto mount = WatchedMount();
  if (!mount) return;
  const std::string parent = mount->point + kParent;
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error))
    if (AbandonedBy(entry.path().filename(), command) != 0)
      names.push_back(entry.path().filename());
  for (const std::string& name : names) {
    const RunSession session(absl::StrCat(kParent, "/", name), absl::StrCat(parent, "/", name));
    session.KillAll();
    (void)session.Remove();  // otherwise the next one tries again
  }
}

absl::StatusOr<CommandResult> RunSession::Run(const std::vector<std::string>& command,
                                              const RunTerms& terms) const {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const std::string procs_path = directory_ + "/cgroup.procs";
  const UniqueFd procs(::open(procs_path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!procs) return Failed("open " + procs_path, errno);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Failed("make a pipe", errno);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);

  std::optional<BlockedSignals> own;
  const BlockedSignals& signals = terms.signals != nullptr ? *terms.signals : own.emplace();
  const pid_t child = ::fork();
  if (child < 0) return Failed("start a process", errno);
  if (child == 0) Become(argv.data(), procs.get(), writing.get(), terms, signals);
  writing.Reset();
  int error = 0;
  const bool started = ::read(reading.get(), &error, sizeof(error)) != sizeof(error);
  CommandResult result;
  WaitForChild(child, signals, started ? terms.enough : nullptr, result);
  if (started) return result;
  if (error < 0) return Failed("prepare a process for the cgroup " + cgroup_, -error);
  result.exit_code = error == ENOENT ? kNotFound : kCannotExecute;
  result.not_started = absl::StrCat("cannot run ", command[0], ": ", std::strerror(error));
  return result;
}

void RunSession::KillAll() const {
  const UniqueFd kill(::open((directory_ + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  if (kill) {
    (void)!::write(kill.get(), "1", 1);
    return;
  }
  // v1, or before 5.14: a process may fork meanwhile, so this is repeated.
  for (int attempt = 0; attempt < 20; ++attempt) KillProcessesOf(directory_ + "/cgroup.procs");
}

absl::Status RunSession::Remove() const {
  // A killed process may take a moment to leave the cgroup.
  for (int attempt = 0; ::rmdir(directory_.c_str()) != 0 && errno == EBUSY; ++attempt) {
    if (attempt == 20)
      return absl::FailedPreconditionError(absl::StrCat(
          "the command left processes behind in the cgroup ", cgroup_, "; it was not removed"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ::rmdir(directory_.substr(0, directory_.rfind('/')).c_str());  // if this was the last one
  return absl::OkStatus();
}

}  // namespace capmon
