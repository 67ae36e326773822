// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"

namespace capmon {
namespace {

absl::Status Failed(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError("read " + path + ": " + why);
}

std::string KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

absl::StatusOr<UniqueFd> OpenRegularFile(const std::string& path) {
  if (path.find('\0') != path.npos) return Failed(path.c_str(), "there is a NUL in its name");
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file && errno == ENOENT) return absl::NotFoundError("read " + path + ": no such file");
  // ENXIO: a socket, or a device without a driver.
  if (!file) return Failed(path, errno == ENXIO ? "not a regular file" : std::strerror(errno));
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return Failed(path, std::strerror(errno));
  if (!S_ISREG(found.st_mode))
    return Failed(path, "it is " + KindOf(found.st_mode) + ", not a regular file");
  return file;
}

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, size_t limit) {
  const auto file = OpenRegularFile(path);
  if (!file.ok()) return file.status();
  std::string text;
  std::array<char, 1 << 14> buffer;
  while (true) {
    const ssize_t size = ::read(file->get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failed(path, std::strerror(errno));
    if (size == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(size));
    if (text.size() > limit)
      return Failed(path, "it is longer than " + std::to_string(limit) + " bytes");
  }
}

absl::StatusOr<WritableFile> OpenToAppend(const std::string& path, unsigned mode) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  WritableFile file;
  while (true) {
    file.fd.Reset(::open(path.c_str(), kFlags));
    if (file.fd || errno != ENOENT) break;
    file.fd.Reset(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, mode));
    file.made = static_cast<bool>(file.fd);
    if (file.fd || errno != EEXIST) break;  // otherwise another process created it first
  }
  if (file.fd) return file;
  if (errno == ENXIO) return absl::UnavailableError("open " + path + ": nothing reads it");
  return absl::ErrnoToStatus(errno, "open " + path);
}

}  // namespace capmon
