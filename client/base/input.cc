// SPDX-License-Identifier: Apache-2.0
#include "client/base/input.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/base/quoted.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

std::string NameOf(const std::string& path) {
  return path == kStandardInput ? "standard input" : Quoted(path);
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path, size_t most) {
  std::string text;
  std::array<char, 65536> part;
  while (true) {
    const ssize_t size = ::read(fd, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0)
      return absl::InternalError(
          absl::StrCat("cannot read ", NameOf(path), ": ", std::strerror(errno)));
    if (size == 0) return text;
    text.append(part.data(), static_cast<size_t>(size));
    if (text.size() > most)
      return absl::InvalidArgumentError(
          absl::StrCat(NameOf(path), " has more than ", most >> 20, " MiB; give it in parts"));
  }
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path, size_t most) {
  if (path == kStandardInput) return ReadAll(STDIN_FILENO, path, most);
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd)
    return absl::InternalError(
        absl::StrCat("cannot read ", NameOf(path), ": ", std::strerror(errno)));
  return ReadAll(fd.get(), path, most);
}

}  // namespace capmon
