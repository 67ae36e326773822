// SPDX-License-Identifier: Apache-2.0
#include "client/host/process_sets.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/process_status.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

struct Text {
  std::string text;
  int error = 0;  // errno of what failed
};

Text ReadWhole(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {"", errno};
  Text result;
  std::array<char, 4096> part;
  while (true) {
    const ssize_t size = ::read(file.get(), part.data(), part.size());
    if (size < 0) return {"", errno};
    if (size == 0) return result;
    result.text.append(part.data(), static_cast<size_t>(size));
  }
}

absl::Status NoProcess(pid_t pid, int error) {
  if (error == EACCES || error == EPERM)
    return absl::PermissionDeniedError(absl::StrCat("not permitted to read process ", pid,
                                                    ::geteuid() == 0 ? "" : "; run this as root"));
  // ESRCH: it ended between open and read.
  return absl::NotFoundError(absl::StrCat("there is no process ", pid));
}

void ReadThreads(const std::string& directory, Process& process) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (++process.threads > kMaxThreads) continue;
    const auto thread = ParseStatus(ReadWhole(entry->path() / "status").text);
    if (thread && thread->sets != process.main.sets) process.differing.push_back(*thread);
  }
  std::ranges::sort(process.differing, {}, &Thread::tid);
}

}  // namespace

std::optional<Thread> ParseStatus(std::string_view text) {
  const ProcessStatus status = ParseProcessStatus(text);
  if (!status.complete) return std::nullopt;
  return Thread{.tid = status.pid,
                .comm = status.name,
                .sets = {.effective = status.effective,
                         .permitted = status.permitted,
                         .inheritable = status.inheritable,
                         .bounding = status.bounding,
                         .ambient = status.ambient,
                         .no_new_privs = status.no_new_privs,
                         .seccomp = status.seccomp_mode == 2   ? "filter"
                                    : status.seccomp_mode == 1 ? "strict"
                                                               : "none",
                         .uid = status.euid,
                         .gid = status.egid}};
}

absl::StatusOr<Process> ReadProcess(pid_t pid, const std::string& proc) {
  const std::string directory = absl::StrCat(proc, "/", pid);
  const Text status = ReadWhole(directory + "/status");
  if (status.error != 0) return NoProcess(pid, status.error);
  const auto main = ParseStatus(status.text);
  if (!main)
    return absl::InternalError(absl::StrCat("cannot read the capabilities of process ", pid, ": ",
                                            directory, "/status does not have them"));
  Process process;
  process.main = *main;
  ReadThreads(directory + "/task", process);
  return process;
}

}  // namespace capmon
