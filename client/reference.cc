// SPDX-License-Identifier: Apache-2.0
#include "client/reference.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/api/utf8.h"

namespace capmon {

std::optional<std::string> CgroupPathIn(std::string_view text) {
  std::optional<std::string> systemd;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.starts_with("0::/")) return std::string(line.substr(3));
    const size_t named = line.find(":name=systemd:/");
    if (named != line.npos) systemd = std::string(line.substr(line.find('/', named)));
  }
  return systemd;
}

absl::StatusOr<std::string> ResolveReference(const std::string& reference,
                                             const std::string& proc) {
  constexpr std::string_view kPid = "pid:";
  if (reference.empty()) return absl::InvalidArgumentError("the name of the container is empty");
  if (!IsUtf8(reference))
    return absl::InvalidArgumentError("the name of the container is not valid UTF-8");
  const bool self = reference == "self";
  if (!self && !reference.starts_with(kPid)) return reference;

  const std::string pid = self ? "self" : reference.substr(kPid.size());
  const bool digits = !pid.empty() && std::all_of(pid.begin(), pid.end(), [](unsigned char c) {
    return c >= '0' && c <= '9';
  });
  if (!self && !digits)
    return absl::InvalidArgumentError(
        absl::StrCat("\"", reference, "\" is not a process; write it like pid:1234"));
  std::ifstream file(absl::StrCat(proc, "/", pid, "/cgroup"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.empty()) return absl::NotFoundError(absl::StrCat("there is no process ", pid));
  const auto path = CgroupPathIn(text);
  if (!path) return absl::NotFoundError(absl::StrCat("process ", pid, " is in no known cgroup"));
  return absl::StrCat("cgroup:", *path);
}

}  // namespace capmon
