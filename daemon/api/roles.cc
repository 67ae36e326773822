// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/roles.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

using std::chrono::seconds;

constexpr seconds kNoLimit(0);
constexpr seconds kWaits(900);  // for a receiver of alerts, or for the client to send a file

constexpr CallRule kRules[] = {
    {"ListContainers", Role::kViewer},
    {"ListWorkloads", Role::kViewer},
    {"GetProfile", Role::kViewer},
    {"Explain", Role::kViewer},
    {"GetStatus", Role::kViewer},
    {"GetBaseline", Role::kViewer},
    {"ListSinks", Role::kViewer},
    {"WatchEvents", Role::kViewer, kNoLimit},
    {"WatchAlerts", Role::kViewer, kNoLimit},
    {"ImportProfiles", Role::kOperator, kWaits},
    {"RecordProofs", Role::kOperator},
    {"ResetProfile", Role::kOperator},
    {"SetBaseline", Role::kOperator},
    {"ApproveWorkload", Role::kOperator},
    {"ResetBaseline", Role::kOperator},
    {"TestSink", Role::kOperator, kWaits},
    {"FlushSink", Role::kOperator, kWaits},
};

constexpr std::string_view kGroupPrefix = "group:";
// Users whom capmond's user namespace does not have appear as this one.
constexpr uint32_t kUnmapped = 65534;
constexpr size_t kBuffer = 64 * 1024;

std::optional<uint32_t> UserId(const std::string& name) {
  uint32_t number = 0;
  if (absl::SimpleAtoi(name, &number)) return number;
  std::vector<char> buffer(kBuffer);
  passwd entry = {};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr)
    return std::nullopt;
  return found->pw_uid;
}

std::optional<uint32_t> GroupId(const std::string& name) {
  uint32_t number = 0;
  if (absl::SimpleAtoi(name, &number)) return number;
  std::vector<char> buffer(kBuffer);
  group entry = {};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr)
    return std::nullopt;
  return found->gr_gid;
}

}  // namespace

const char* RoleName(Role role) {
  switch (role) {
    case Role::kNone: return "no role";
    case Role::kViewer: return "viewer";
    case Role::kOperator: return "operator";
  }
  return "";
}

std::span<const CallRule> CallRules() { return kRules; }

const CallRule* FindCallRule(std::string_view call) {
  const auto* const found = std::ranges::find(kRules, call, &CallRule::call);
  return found == std::end(kRules) ? nullptr : found;
}

bool Members::Have(uid_t user, const std::vector<gid_t>& groups_of_user) const {
  return users.contains(user) ||
         std::ranges::any_of(groups_of_user, [&](gid_t group) { return groups.contains(group); });
}

absl::StatusOr<Members> MembersNamed(const std::vector<std::string>& names,
                                     const std::string& option) {
  Members members;
  for (const std::string& name : names) {
    const bool is_group = name.starts_with(kGroupPrefix);
    const auto id = is_group ? GroupId(name.substr(kGroupPrefix.size())) : UserId(name);
    if (!id)
      return absl::InvalidArgumentError(absl::StrCat(
          option, ": there is no ", is_group ? "group" : "user", " \"",
          is_group ? name.substr(kGroupPrefix.size()) : name,
          is_group ? "\"; name an existing one or its number"
                   : "\"; name an existing one or its number, and a group as group:NAME"));
    if (*id == kUnmapped || *id == std::numeric_limits<uint32_t>::max())
      return absl::InvalidArgumentError(
          absl::StrCat(option, ": ", name,
                       " is how the kernel shows users of other user "
                       "namespaces; name a user or group of its own"));
    (is_group ? members.groups : members.users).insert(*id);
  }
  return members;
}

Role RoleOf(const Access& access, uid_t user, const std::vector<gid_t>& groups) {
  if (user == 0 || user == access.own || access.operators.Have(user, groups))
    return Role::kOperator;
  return !access.viewers || access.viewers->Have(user, groups) ? Role::kViewer : Role::kNone;
}

}  // namespace capmon
