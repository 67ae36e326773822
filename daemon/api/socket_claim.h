// SPDX-License-Identifier: Apache-2.0
// The right of one daemon to serve at one socket path. Held through a lock file next to the
// socket, so a leftover socket is removed only by the process that replaces it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

inline constexpr mode_t kRunDirectoryMode = 0750;  // of a socket's directory that we make

class SocketClaim {
 public:
  // Makes the parent directory when missing (0750), takes the lock, removes a stale socket.
  // FAILED_PRECONDITION when another daemon, or any other program, serves there.
  static absl::StatusOr<SocketClaim> Take(const std::string& path, std::optional<gid_t> group);

  SocketClaim(SocketClaim&&) = default;
  SocketClaim& operator=(SocketClaim&&) = delete;
  // Removes socket and lock file.
  ~SocketClaim();

  // Lets exactly these connect, once the socket is there.
  absl::Status Admit(mode_t mode, std::optional<gid_t> group) const;

 private:
  SocketClaim(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  UniqueFd lock_;
};

// The id of a group. INVALID_ARGUMENT when there is none of that name.
absl::StatusOr<gid_t> GroupNamed(const std::string& name);

}  // namespace capmon
