// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/callers.h"

#include <pwd.h>

#include <array>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "grpc/grpc_security_constants.h"

namespace capmon {
namespace {

constexpr size_t kLongestName = 64;

// "alice (uid 1000)"; of a user without a name "uid 1000".
std::string UserNamed(uid_t uid) {
  std::array<char, 4096> buffer;
  passwd entry = {};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return absl::StrCat("uid ", uid);
  return absl::StrCat(std::string(found->pw_name).substr(0, 32), " (uid ", uid, ")");
}

std::string_view FirstOf(const grpc::AuthContext& context, const char* property) {
  const auto values = context.FindPropertyValues(property);
  return values.empty() ? std::string_view()
                        : std::string_view(values.front().data(), values.front().size());
}

// The owner of a certificate chooses its names within what the authority signs: they are data.
std::string NameIn(const grpc::AuthContext& context) {
  for (const char* property :
       {GRPC_X509_CN_PROPERTY_NAME, GRPC_PEER_DNS_PROPERTY_NAME, GRPC_X509_SUBJECT_PROPERTY_NAME})
    if (const std::string_view name = FirstOf(context, property); !name.empty())
      return absl::CHexEscape(std::string(name.substr(0, kLongestName)));
  return "without a name";
}

Role RoleIn(const grpc::AuthContext& context) {
  Role role = Role::kNone;
  for (const grpc::string_ref& value : context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    const std::string_view uri(value.data(), value.size());
    if (uri == kOperatorUri) return Role::kOperator;
    if (uri == kViewerUri) role = Role::kViewer;
  }
  return role;
}

}  // namespace

std::optional<Caller> CallerOfCall(const grpc::ServerContextBase& call, Peers& peers) {
  const std::string connection = call.peer();
  if (const std::optional<Peer> peer = peers.Of(connection))
    return Caller{peer->role, UserNamed(peer->uid), absl::StrCat("process ", peer->pid),
                  absl::StrCat("uid ", peer->uid)};
  const auto context = call.auth_context();
  if (context == nullptr || !context->IsPeerAuthenticated()) return std::nullopt;
  const std::string name = absl::StrCat("certificate ", NameIn(*context));
  return Caller{RoleIn(*context), name, connection, name};
}

}  // namespace capmon
