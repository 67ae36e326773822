// SPDX-License-Identifier: Apache-2.0
// Which user a call comes from.
#include <pwd.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/api/service.h"

namespace capmon {
namespace {

// "alice (uid 1000)"; of a user without a name "uid 1000".
std::string UserNamed(uid_t uid) {
  std::array<char, 4096> buffer;
  passwd entry = {};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return absl::StrCat("uid ", uid);
  return absl::StrCat(std::string(found->pw_name).substr(0, 32), " (uid ", uid, ")");
}

}  // namespace

std::string Service::CallerOf(grpc::ServerContext& call, const std::string& what) {
  const std::optional<Peer> peer = peers_.Of(call.peer());
  // After a disconnect, the connection's number may be that of another one.
  if (!peer || call.IsCancelled()) return "";
  const std::string user = UserNamed(peer->uid);
  context_.log(absl::StrCat(what, " by ", user, ", process ", peer->pid));
  return user;
}

}  // namespace capmon
