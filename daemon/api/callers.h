// SPDX-License-Identifier: Apache-2.0
// Who makes a call: a user of this machine by the kernel's word, or the owner of a certificate.
#pragma once

#include <optional>
#include <string>

#include "daemon/api/acceptor.h"
#include "daemon/api/roles.h"
#include "grpcpp/server_context.h"

namespace capmon {

struct Caller {
  Role role = Role::kNone;
  std::string name;   // "alice (uid 1000)", "certificate ops-laptop"
  std::string place;  // "process 17", "10.0.0.7:4711"
  std::string key;    // limits hold for each: "uid 1000"
};

// A certificate has a role by one of these URIs among its alternative names.
inline constexpr char kViewerUri[] = "capmon://viewer";
inline constexpr char kOperatorUri[] = "capmon://operator";

// Returns nothing if the caller is gone.
std::optional<Caller> CallerOfCall(const grpc::ServerContextBase& call, Peers& peers);

}  // namespace capmon
