// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/reference.h"

#include <limits.h>

#include <algorithm>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file_text.h"
#include "common/utf8.h"
#include "daemon/attribution/cgroup_mounts.h"

namespace capmon {
namespace {

std::vector<std::string> Parts(const std::string& text, char separator) {
  return absl::StrSplit(text, separator);
}

}  // namespace

std::optional<std::string> CgroupPathIn(std::string_view text) {
  std::map<std::string, std::string> paths;  // by controller; "" is v2
  for (const std::string& line : Parts(std::string(text), '\n')) {
    // "4:cpu,cpuacct:/path"; the path may contain colons.
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3 || !fields[2].starts_with('/')) continue;
    for (const std::string& controller : Parts(fields[1], ','))
      paths.emplace(controller, fields[2]);
  }
  for (const char* controller : kHierarchiesBestFirst)  // as capmond chooses
    if (const auto found = paths.find(controller); found != paths.end()) return found->second;
  return std::nullopt;
}

absl::StatusOr<std::string> ResolveReference(const std::string& reference,
                                             const std::string& proc) {
  constexpr std::string_view kPid = "pid:";
  constexpr size_t kLongest = PATH_MAX + 64;  // "cgroup:/path" and the like
  if (reference.empty()) return absl::InvalidArgumentError("the name of the container is empty");
  if (reference.size() > kLongest)
    return absl::InvalidArgumentError(absl::StrCat("the name of the container has ",
                                                   reference.size(), " bytes, which is too long"));
  if (!IsUtf8(reference))
    return absl::InvalidArgumentError("the name of the container is not valid UTF-8");
  const bool self = reference == "self";
  if (!self && !reference.starts_with(kPid)) return reference;

  const std::string pid = self ? "self" : reference.substr(kPid.size());
  const bool digits =
      !pid.empty() && pid.size() < 20 &&
      std::all_of(pid.begin(), pid.end(), [](unsigned char c) { return c >= '0' && c <= '9'; });
  if (!self && !digits)
    return absl::InvalidArgumentError(
        absl::StrCat("\"", reference, "\" is not a process; write it like pid:1234"));
  const std::string text = TextOf(absl::StrCat(proc, "/", pid, "/cgroup"));
  if (text.empty()) return absl::NotFoundError(absl::StrCat("there is no process ", pid));
  const auto path = CgroupPathIn(text);
  if (!path) return absl::NotFoundError(absl::StrCat("process ", pid, " is in no known cgroup"));
  return absl::StrCat("cgroup:", *path);
}

}  // namespace capmon
