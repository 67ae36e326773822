// SPDX-License-Identifier: Apache-2.0
// Which callers may do what: the role that each call of the API needs, and the users that have one.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace capmon {

enum class Role : uint8_t { kNone, kViewer, kOperator };
const char* RoleName(Role role);

struct CallRule {
  std::string_view call;  // "GetProfile"
  Role needs = Role::kOperator;
  // A call that lasts longer is cancelled: its client reads nothing. 0: a stream without an end.
  std::chrono::seconds longest{60};
};
// One rule for each call of the service; a call without a rule is denied.
std::span<const CallRule> CallRules();
// Returns null if there is no such call.
const CallRule* FindCallRule(std::string_view call);

// Users and groups that the settings name.
struct Members {
  std::set<uid_t> users;
  std::set<gid_t> groups;

  bool Have(uid_t user, const std::vector<gid_t>& groups_of_user) const;
};

// Resolves "alice", "1000", "group:adm" and "group:4". INVALID_ARGUMENT if there is no such user or
// group; `option` begins the sentence.
absl::StatusOr<Members> MembersNamed(const std::vector<std::string>& names,
                                     const std::string& option);

struct Access {
  Members operators;               // besides root and capmond's own user
  std::optional<Members> viewers;  // nothing: every user that can connect
  uid_t own = ::geteuid();
};
Role RoleOf(const Access& access, uid_t user, const std::vector<gid_t>& groups);

}  // namespace capmon
