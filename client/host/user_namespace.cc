// SPDX-License-Identifier: Apache-2.0
#include "client/host/user_namespace.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr ino_t kHostInode = 0xEFFFFFFD;  // PROC_USER_INIT_INO: the same on every Linux
constexpr uint32_t kDeepest = 33;         // the kernel nests no deeper

std::vector<std::string> ReadMap(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (uint32_t inside, outside, count; file >> inside >> outside >> count;)
    lines.push_back(absl::StrCat(inside, " ", outside, " ", count));
  return lines;
}

// Counts the parents; the kernel shows none above our own namespace.
uint32_t LevelOf(UniqueFd space) {
  uint32_t level = 0;
  struct stat found = {};
  while (level < kDeepest && ::fstat(space.get(), &found) == 0 && found.st_ino != kHostInode) {
    ++level;
    UniqueFd parent(::ioctl(space.get(), NS_GET_PARENT));
    if (!parent) break;
    space = std::move(parent);
  }
  return level;
}

}  // namespace

UserNamespace ReadUserNamespace(pid_t pid, const std::string& proc) {
  const std::string directory = absl::StrCat(proc, "/", pid);
  UserNamespace result{.map = ReadMap(directory + "/uid_map")};
  UniqueFd space(::open((directory + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  if (!space) return result;
  result.level = LevelOf(std::move(space));
  result.kind = result.level == 0 ? UserNamespace::Kind::kHost : UserNamespace::Kind::kOwn;
  return result;
}

std::optional<uint32_t> IdInside(const std::vector<std::string>& map, uint32_t outside) {
  for (const std::string& line : map) {
    std::istringstream words(line);
    uint32_t first_inside = 0, first_outside = 0, count = 0;
    words >> first_inside >> first_outside >> count;
    if (outside >= first_outside && outside - first_outside < count)
      return first_inside + (outside - first_outside);
  }
  return std::nullopt;
}

}  // namespace capmon
