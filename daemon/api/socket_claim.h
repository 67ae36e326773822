// SPDX-License-Identifier: Apache-2.0
// The right of one daemon to serve at a socket path, held by a lock file beside the socket: a
// leftover socket is removed only by the process that replaces it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

inline constexpr mode_t kRunDirectoryMode = 0750;  // of a directory that capmond creates

class SocketClaim {
 public:
  // Creates the parent directory if it is missing (0750), takes the lock, removes a stale socket.
  // FAILED_PRECONDITION if another daemon or any other program serves there.
  static absl::StatusOr<SocketClaim> Acquire(const std::string& path, std::optional<gid_t> group);

  SocketClaim(SocketClaim&&) = default;
  SocketClaim& operator=(SocketClaim&&) = delete;
  // Removes socket and lock file.
  ~SocketClaim();

  // Sets the mode and group of the socket; call once it exists.
  absl::Status OpenToClients(mode_t mode, std::optional<gid_t> group) const;

 private:
  SocketClaim(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  UniqueFd lock_;
};

// Returns a group's id. INVALID_ARGUMENT if there is no such group.
absl::StatusOr<gid_t> GroupNamed(const std::string& name);

}  // namespace capmon
