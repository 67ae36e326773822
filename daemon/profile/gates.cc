// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/gates.h"

#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace capmon {
namespace {

// Some kernel function in the stack has one of these beginnings.
template <size_t N>
bool CameThrough(const CheckEvidence& evidence, const std::array<std::string_view, N>& beginnings) {
  return std::any_of(evidence.callers.begin(), evidence.callers.end(), [&](const auto& function) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return function.starts_with(beginning); });
  });
}

// File systems that check with the credentials of their mount.
bool IsFileSystemSwap(const CheckEvidence& evidence) {
  static constexpr std::array<std::string_view, 4> kFunctions = {"ovl_", "backing_file_",
                                                                 "cachefiles_", "ecryptfs_"};
  return CameThrough(evidence, kFunctions);
}

// The kernel also swaps credentials for work that is the caller's own: io_uring, whose requests
// carry the submitter's or those it registered, and writes to cgroup files, which carry the
// opener's.
bool IsOwnSwap(const CheckEvidence& evidence) {
  static constexpr std::array<std::string_view, 7> kFunctions = {
      "io_uring_", "io_submit_", "io_issue_", "io_wq_", "cgroup_", "cgroup1_", "__cgroup"};
  return !IsFileSystemSwap(evidence) &&
         (evidence.key.Is(kIoWorker) || CameThrough(evidence, kFunctions));
}

// Sets as large as these are those of any root on the host, too: they prove nothing.
bool HasEverything(const Profile& profile) {
  constexpr int kNearlyAll = 36;
  return !profile.held || profile.held->bounding.size() >= kNearlyAll;
}

// Where the bit was looked for, compared with the container's own user namespace. Recordings of
// before say only what the check was about.
bool IsBelowOwnNamespace(const CheckKey& key, uint8_t own) {
  return key.cred_depth != 0 ? key.cred_depth - 1 > own : key.target_level > own;
}

// Some recorded stack shows how such a file system is mounted. An overlay asks for SYS_ADMIN there
// to clone mounts and for extended attributes. True where stacks are missing or too many.
bool ShowsMountOfSwapper(const CheckEvidence& evidence) {
  static constexpr std::array<std::string_view, 9> kFunctions = {
      "ovl_fill_super", "ovl_get_tree",     "ovl_mount",     "ovl_get_upper", "ovl_get_workdir",
      "ovl_get_layers", "ovl_make_workdir", "ovl_get_lower", "ecryptfs_"};
  if (evidence.stacks.empty() || evidence.stacks.size() >= CheckEvidence::kMaxStacks) return true;
  return std::any_of(evidence.stacks.begin(), evidence.stacks.end(), [](const auto& stack) {
    return stack.empty() || std::any_of(stack.begin(), stack.end(), [](const auto& function) {
             return std::any_of(
                 kFunctions.begin(), kFunctions.end(),
                 [&](std::string_view beginning) { return function.starts_with(beginning); });
           });
  });
}

// Whether this SYS_ADMIN check may belong to a call that mounted a file system which changes
// credentials. Over the quota the call was not recorded, so it may be one.
bool MayHaveMounted(const Profile& profile, const CheckEvidence& evidence) {
  const CheckKey& key = evidence.key;
  if (!IsWorkload(profile.container, key.exe_origin)) return false;
  if (profile.held && IsBelowOwnNamespace(key, profile.held->userns_level)) return false;
  if (key.Is(kCollapsed)) return true;
  if (key.syscall != "mount" && key.syscall != "fsopen" && key.syscall != "fsconfig") return false;
  if (!ShowsMountOfSwapper(evidence)) return false;
  return evidence.counts.failed == 0 || evidence.counts.failed < evidence.counts.count;
}

// Whether the container mounted such a file system itself, or that cannot be excluded.
bool Mounts(const Profile& profile) {
  CheckKey from;
  from.capability = CAP_SYS_ADMIN;
  from.granted = true;
  for (auto it = profile.checks.lower_bound(from); it != profile.checks.end(); ++it) {
    if (it->first.capability != from.capability || !it->first.granted) break;
    if (MayHaveMounted(profile, it->second)) return true;
  }
  return false;
}

// Asked with credentials from outside of the container. Those the workload made are its own: of a
// file it opened and handed on, of an io_uring personality, of an overlay it mounted. Where sets do
// not show by whom an overlay was mounted, it may be the container's own if that mounts any.
bool IsForeign(const Profile& profile, const CheckEvidence& evidence) {
  const CheckKey& key = evidence.key;
  if (!key.Is(kCredOther) && !key.Is(kCredOverridden)) return false;
  if (profile.held && key.cred_depth != 0 && key.cred_depth - 1 < profile.held->userns_level)
    return true;
  if (key.Is(kCredOther)) return !key.Is(kCredOwn);
  if (IsOwnSwap(evidence)) return !key.Is(kHeld) && !key.Is(kCredOwn);
  return !key.Is(kCredOwn) || (HasEverything(profile) && !Mounts(profile));
}

bool IsByOwnership(const CheckKey& key) {
  if (!key.granted) return false;
  return key.Is(kByOwnership) ||
         (!key.Is(kHeld) && !key.Is(kCredOther) && !key.Is(kCredOverridden));
}

// These come without any facts about the task, so the gates on such facts must not judge them.
bool IsBare(const CheckKey& key) { return key.exe_origin == ExeOrigin::kUnknown && key.exe == 0; }

}  // namespace

bool IsWorkload(const Container& container, ExeOrigin exe_origin) {
  if (container.kind != ContainerKind::kContainer) return true;
  return exe_origin != ExeOrigin::kHost && exe_origin != ExeOrigin::kNone;
}

bool IsAccessCall(const std::string& syscall) {
  return syscall == "access" || syscall == "faccessat" || syscall == "faccessat2";
}

std::optional<Gate> GateOf(const Profile& profile, const CheckEvidence& evidence) {
  const CheckKey& key = evidence.key;
  if (!IsWorkload(profile.container, key.exe_origin))
    return Gate{Verdict::kRuntimeOnly, "checked for the container runtime, during set-up"};
  if (key.Is(kCredOverridden) && IsAccessCall(key.syscall))
    return Gate{Verdict::kProbed, "the call only tests whether an access is allowed"};
  // Unknown where the container's own namespace is: then in doubt it counts.
  if (profile.held && IsBelowOwnNamespace(key, profile.held->userns_level))
    return Gate{Verdict::kOwnNamespace, "checked in a user namespace that the workload created"};
  if (IsForeign(profile, evidence))
    return Gate{Verdict::kForeign,
                "checked against other credentials, such as those of the process that mounted the "
                "file system or opened the file"};
  if (profile.held && key.target_level < profile.held->userns_level && !key.granted && !IsBare(key))
    return Gate{Verdict::kForeign,
                "checked in a user namespace outside the container's own, where the container's "
                "capabilities do not count"};
  if (IsByOwnership(key) && !IsBare(key))
    return Gate{Verdict::kOwnNamespace,
                "granted to the owner of the user namespace, not because of the capability"};
  return std::nullopt;
}

}  // namespace capmon
