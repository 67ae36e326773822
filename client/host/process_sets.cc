// SPDX-License-Identifier: Apache-2.0
#include "client/host/process_sets.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

using Fields = std::map<std::string, std::string>;

Fields FieldsOf(std::string_view status) {
  Fields fields;
  const std::vector<std::string> lines = absl::StrSplit(std::string(status), '\n');
  for (const std::string& line : lines) {
    const size_t colon = line.find(':');
    if (colon == line.npos) continue;
    std::string value = line.substr(colon + 1);
    absl::StripAsciiWhitespace(&value);
    fields.emplace(line.substr(0, colon), std::move(value));
  }
  return fields;
}

template <typename Number>
std::optional<Number> NumberIn(std::string_view text, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<CapabilitySet> SetIn(const Fields& fields, const std::string& name) {
  const auto field = fields.find(name);
  if (field == fields.end()) return std::nullopt;
  const auto bits = NumberIn<uint64_t>(field->second, 16);
  return bits ? std::optional(CapabilitySet(*bits)) : std::nullopt;
}

// "real effective saved file-system": the second of them.
std::optional<uint32_t> EffectiveId(const Fields& fields, const std::string& name) {
  const auto field = fields.find(name);
  if (field == fields.end()) return std::nullopt;
  const std::vector<std::string> ids = absl::StrSplit(field->second, '\t');
  return ids.size() < 2 ? std::nullopt : NumberIn<uint32_t>(ids[1], 10);
}

std::string FieldOr(const Fields& fields, const std::string& name, const std::string& otherwise) {
  const auto field = fields.find(name);
  return field == fields.end() ? otherwise : field->second;
}

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
    return absl::PermissionDeniedError(absl::StrCat("you may not look at process ", pid,
                                                    ::geteuid() == 0 ? "" : "; run this as root"));
  // ESRCH: it ended between opening and reading.
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
  const Fields fields = FieldsOf(text);
  const auto pid = NumberIn<pid_t>(FieldOr(fields, "Pid", ""), 10);
  const auto uid = EffectiveId(fields, "Uid"), gid = EffectiveId(fields, "Gid");
  const auto effective = SetIn(fields, "CapEff"), permitted = SetIn(fields, "CapPrm"),
             inheritable = SetIn(fields, "CapInh"), bounding = SetIn(fields, "CapBnd");
  if (!pid || !uid || !gid || !effective || !permitted || !inheritable || !bounding)
    return std::nullopt;
  const std::string seccomp = FieldOr(fields, "Seccomp", "0");
  return Thread{.tid = *pid,
                .comm = FieldOr(fields, "Name", ""),
                .sets = {.effective = *effective,
                         .permitted = *permitted,
                         .inheritable = *inheritable,
                         .bounding = *bounding,
                         .ambient = SetIn(fields, "CapAmb").value_or(CapabilitySet()),
                         .no_new_privs = FieldOr(fields, "NoNewPrivs", "0") == "1",
                         .seccomp = seccomp == "2"   ? "filter"
                                    : seccomp == "1" ? "strict"
                                                     : "none",
                         .uid = *uid,
                         .gid = *gid}};
}

absl::StatusOr<Process> ReadProcess(pid_t pid, const std::string& proc) {
  const std::string directory = absl::StrCat(proc, "/", pid);
  const Text status = ReadWhole(directory + "/status");
  if (status.error != 0) return NoProcess(pid, status.error);
  const auto main = ParseStatus(status.text);
  if (!main)
    return absl::InternalError(absl::StrCat("cannot read the capabilities of process ", pid, ": ",
                                            directory, "/status does not tell them"));
  Process process;
  process.main = *main;
  ReadThreads(directory + "/task", process);
  return process;
}

}  // namespace capmon
