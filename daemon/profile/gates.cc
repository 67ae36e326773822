// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/gates.h"

#include <algorithm>

namespace capmon {
namespace {

// The kernel also swaps credentials for work that is the caller's own: io_uring, whose requests
// carry the submitter's, and writes to cgroup files, which carry the opener's. Every other swap
// (overlayfs, cachefiles, file servers ...) asks with somebody else's rights.
bool IsOwnOverride(const CheckEvidence& evidence) {
  if (evidence.key.Is(kIoWorker)) return true;
  return std::any_of(evidence.callers.begin(), evidence.callers.end(), [](const std::string& f) {
    return f.starts_with("io_uring_") || f.starts_with("io_submit_") ||
           f.starts_with("io_issue_") || f.starts_with("io_wq_") || f.starts_with("cgroup_") ||
           f.starts_with("cgroup1_") || f.starts_with("__cgroup");
  });
}

bool IsForeign(const CheckEvidence& evidence) {
  const CheckKey& key = evidence.key;
  if (key.Is(kCredOther)) return true;
  return key.Is(kCredOverridden) && !(key.Is(kHeld) && IsOwnOverride(evidence));
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
    return Gate{Verdict::kRuntimeOnly, "asked by the container runtime while setting up"};
  if (key.Is(kCredOverridden) && IsAccessCall(key.syscall))
    return Gate{Verdict::kProbed, "only asked what it may do with a file"};
  if (IsForeign(evidence))
    return Gate{Verdict::kForeign,
                "asked with the rights of somebody else, such as whoever "
                "mounted the file system or opened the file"};
  // Unknown where the container's own namespace is: then in doubt it counts.
  if (profile.held && key.target_level > profile.held->userns_level)
    return Gate{Verdict::kOwnNamespace, "asked for in a user namespace the workload made itself"};
  if (profile.held && key.target_level < profile.held->userns_level && !key.granted && !IsBare(key))
    return Gate{Verdict::kForeign,
                "asked of a user namespace outside the container's own, where "
                "nothing the container is given counts"};
  if (key.granted && !key.Is(kHeld) && !IsBare(key))
    return Gate{Verdict::kOwnNamespace,
                "granted as the owner of a user namespace, not by this "
                "capability"};
  return std::nullopt;
}

}  // namespace capmon
