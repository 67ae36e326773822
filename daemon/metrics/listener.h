// SPDX-License-Identifier: Apache-2.0
// The socket on which metrics are served, before anything is served there: an address that cannot
// be used is found before the start changes anything.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/listen_address.h"
#include "daemon/base/unique_fd.h"

namespace capmon {

class Listener {
 public:
  // INVALID_ARGUMENT if the address is none of this machine, or no socket can be made there;
  // UNAVAILABLE if another program serves there. The group, if any, may connect to a Unix socket.
  static absl::StatusOr<Listener> Open(const ListenAddress& address, std::optional<gid_t> group);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();  // removes a Unix socket

  int fd() const { return fd_.get(); }
  // With the port that the kernel chose, if none was given.
  const ListenAddress& address() const { return address_; }

 private:
  Listener(ListenAddress address, UniqueFd fd) : address_(std::move(address)), fd_(std::move(fd)) {}

  ListenAddress address_;
  UniqueFd fd_;
};

}  // namespace capmon
