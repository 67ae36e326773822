// SPDX-License-Identifier: Apache-2.0
// Connections to a Unix socket as another user.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace capmon {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups = {};
};
// Connects to the socket as this user; needs root for another one. Returns the errno instead, below
// zero, if that fails.
int ConnectAs(const User& user, const std::string& path);

}  // namespace capmon
