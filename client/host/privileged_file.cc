// SPDX-License-Identifier: Apache-2.0
#include "client/host/privileged_file.h"

#include <sys/stat.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

constexpr mode_t kExecutable = S_IXUSR | S_IXGRP | S_IXOTH;

std::string Names(CapabilitySet set) {
  return set == AllCapabilities() ? "all capabilities" : JoinNames(set.members(), ", ");
}

std::string UsersOf(mode_t mode) {
  if ((mode & S_IXOTH) != 0) return "for every user";
  return (mode & S_IXGRP) != 0 ? "for its owner and group" : "for its owner";
}

// Returns the ids that the file's mode gives to the process.
std::string IdsOf(const ModeAndOwner& file) {
  std::vector<std::string> as;
  if ((file.mode & S_ISUID) != 0)
    as.push_back(file.uid == 0 ? "root" : absl::StrCat("user ", file.uid));
  if ((file.mode & S_ISGID) != 0 && (file.mode & S_IXGRP) != 0)
    as.push_back(file.gid == 0 ? "group root" : absl::StrCat("group ", file.gid));
  return as.empty() ? "" : "runs as " + absl::StrJoin(as, " and ");
}

std::vector<std::string> GainsOf(const FileCapabilities& carried) {
  std::vector<std::string> gains;
  if (!carried.permitted.empty() && carried.effective)
    gains.push_back(absl::StrCat("gains ", Names(carried.permitted),
                                 ", and does not start if the bounding set lacks any"));
  else if (!carried.permitted.empty())
    gains.push_back(absl::StrCat("may enable ", Names(carried.permitted),
                                 " as far as the bounding set has them"));
  if (!carried.inheritable.empty())
    gains.push_back(absl::StrCat("keeps ", Names(carried.inheritable),
                                 " if the process that starts it has them inheritable"));
  if (gains.empty()) gains.push_back("its empty capabilities take away those of user 0");
  if (carried.rootid != 0)
    gains.push_back(
        absl::StrCat("only in user namespaces whose root is user ", carried.rootid, " outside"));
  return gains;
}

}  // namespace

std::string MeaningOf(const ModeAndOwner& file, const std::optional<FileCapabilities>& carried) {
  if ((file.mode & kExecutable) == 0) return "no effect: not executable";
  if (file.nosuid) return "no effect: mounted nosuid";
  std::vector<std::string> parts;
  const std::string ids = IdsOf(file);
  if (!ids.empty()) parts.push_back(absl::StrCat(ids, " ", UsersOf(file.mode)));
  if (carried)
    for (std::string& gain : GainsOf(*carried)) parts.push_back(std::move(gain));
  if (parts.empty()) return "no effect: its group may not execute it";
  return absl::StrJoin(parts, "; ");
}

std::optional<v1::PrivilegedFile> Privileged(const std::string& path, const ModeAndOwner& file,
                                             const std::optional<FileCapabilities>& carried) {
  if ((file.mode & (S_ISUID | S_ISGID)) == 0 && !carried) return std::nullopt;
  v1::PrivilegedFile result;
  result.set_path(ToUtf8(path));
  result.set_mode(absl::StrFormat("%04o", file.mode & 07777));
  result.set_uid(file.uid);
  result.set_gid(file.gid);
  result.set_set_user_id((file.mode & S_ISUID) != 0);
  result.set_set_group_id((file.mode & S_ISGID) != 0);
  result.set_meaning(MeaningOf(file, carried));
  if (!carried) return result;
  v1::FileCapabilities* const capabilities = result.mutable_capabilities();
  capabilities->set_version(carried->version);
  capabilities->set_effective(carried->effective);
  capabilities->set_rootid(carried->rootid);
  for (const Capability c : carried->permitted.members())
    capabilities->add_permitted(CapabilityName(c));
  for (const Capability c : carried->inheritable.members())
    capabilities->add_inheritable(CapabilityName(c));
  return result;
}

}  // namespace capmon
