// SPDX-License-Identifier: Apache-2.0
#include "common/address.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr std::string_view kScheme = "unix:";
constexpr size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;

absl::Status Unusable(const std::string& address, const std::string& why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the address \"", address, "\" ", why, "; give one like ", kDefaultAddress));
}

bool FillIn(const std::string& path, sockaddr_un& address) {
  address.sun_family = AF_UNIX;
  if (path.size() > kMaxPath) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

}  // namespace

absl::StatusOr<std::string> SocketPath(const std::string& address) {
  const bool bare = address.starts_with("/");
  if (!bare && !address.starts_with(kScheme)) return Unusable(address, "is not a unix: address");
  std::string path = bare ? address : address.substr(kScheme.size());
  if (path.starts_with("//")) path.erase(0, 2);
  if (!path.starts_with("/")) return Unusable(address, "has no absolute path");
  if (path.ends_with("/")) return Unusable(address, "names a directory");
  if (path.size() > kMaxPath)
    return Unusable(address,
                    absl::StrCat("is too long (", path.size(), " bytes, at most ", kMaxPath, ")"));
  return path;
}

std::string GrpcTarget(const std::string& path) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string target(kScheme);
  for (const unsigned char c : path) {
    if (std::isalnum(c) || std::strchr("/-._~", c) != nullptr) {
      target += static_cast<char>(c);
    } else {
      target += '%';
      target += kHex[c >> 4];
      target += kHex[c & 15];
    }
  }
  return target;
}

int BindErrno(int fd, const std::string& path) {
  sockaddr_un address = {};
  if (!FillIn(path, address)) return ENAMETOOLONG;
  const mode_t before = ::umask(0177);
  const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = bound == 0 ? 0 : errno;
  ::umask(before);
  return error;
}

int ConnectErrno(const std::string& path) {
  sockaddr_un address = {};
  if (!FillIn(path, address)) return ENAMETOOLONG;
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return errno;
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
    return 0;
  // A full queue means a busy listener, not a missing one.
  return errno == EAGAIN ? 0 : errno;
}

}  // namespace capmon
