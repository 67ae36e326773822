// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/new_files.h"

#include <linux/capability.h>

#include <algorithm>
#include <map>
#include <set>

namespace capmon {

bool KeepsFiles(const Container& container) {
  return container.kind == ContainerKind::kContainer && !container.id.empty() &&
         (container.runtime == "docker" || container.runtime == "podman");
}

bool BeganAnew(const Profile& profile) {
  return profile.starts > 0 && !(KeepsFiles(profile.container) && profile.container.ran_before);
}

namespace {

constexpr char kOnlyRestarted[] =
    "it was only restarted, and kept its files: created again, with new ones, it may need more";

// Of those that are started with the same command, each ran before capmond saw it, and was only
// started again. What `docker compose run web sh` does says nothing about `web`.
bool WereOnlyRestarted(std::span<const Profile> instances) {
  std::map<std::string, const Profile*> first_lives;
  std::set<std::string> started, anew, again;
  for (const Profile& profile : instances) {
    const std::string& command = profile.container.command;
    if (profile.starts > 0) started.insert(command);
    if (KeepsFiles(profile.container) && profile.folded.instances == 0) {
      const Profile*& first = first_lives[profile.container.id];
      if (first == nullptr || profile.container.first_seen < first->container.first_seen)
        first = &profile;
    } else {
      (BeganAnew(profile) ? anew : again).insert(command);
    }
  }
  for (const auto& [id, life] : first_lives)
    (BeganAnew(*life) ? anew : again).insert(life->container.command);
  return std::ranges::any_of(again, [&](const std::string& command) {
    return started.contains(command) && !anew.contains(command);
  });
}

}  // namespace

// A setting is applied to a new container. What each did with its new files was not seen, and is
// not done again: giving a directory to another user, say, or running a program as that user which
// fills it.
SetUp WhatOnlyNewFilesNeed(std::span<const Profile> instances) {
  if (!WereOnlyRestarted(instances)) return {};
  const bool gains_nothing = std::ranges::all_of(
      instances, [](const Profile& profile) { return profile.held && profile.held->no_new_privs; });
  return {{CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_KILL,
           CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_LINUX_IMMUTABLE, CAP_SYS_CHROOT, CAP_SYS_ADMIN,
           CAP_MKNOD, CAP_AUDIT_WRITE, CAP_SETFCAP, CAP_MAC_ADMIN},
          kOnlyRestarted,
          gains_nothing};
}

}  // namespace capmon
