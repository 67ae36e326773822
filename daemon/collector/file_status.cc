// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/file_status.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdlib>
#include <fstream>

namespace capmon {

UniqueFd Open(const std::string& path, int flags) {
  return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC));
}

std::string PathOf(const UniqueFd& fd) { return fmt::format("/proc/self/fd/{}", fd.get()); }

std::optional<struct statx> StatusOf(const UniqueFd& fd) {
  struct statx status = {};
  if (!fd || ::statx(fd.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                     STATX_TYPE | STATX_INO | STATX_CTIME, &status) != 0)
    return std::nullopt;
  return status;
}

bool IsFile(const UniqueFd& fd, uint32_t inode) {
  const auto status = StatusOf(fd);
  return status && S_ISREG(status->stx_mode) &&
         (inode == 0 || static_cast<uint32_t>(status->stx_ino) == inode);
}

bool IsInMemory(const UniqueFd& fd) {
  static const UniqueFd sample(::memfd_create("capmon", MFD_CLOEXEC));
  const auto a = StatusOf(fd), b = StatusOf(sample);
  return a && b && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

int MountOf(const UniqueFd& fd) {
  std::ifstream info(fmt::format("/proc/self/fdinfo/{}", fd.get()));
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("mnt_id:")) return std::atoi(line.c_str() + 7);
  return -1;
}

std::string TextOf(const std::string& path) {
  constexpr size_t kMaxText = 4 << 20;  // more is cut off: what is not in it is not read
  std::ifstream file(path);
  std::string text(kMaxText, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace capmon
