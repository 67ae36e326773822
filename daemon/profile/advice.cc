// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/advice.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "daemon/model/capability_facts.h"
#include "daemon/profile/constraints.h"
#include "daemon/profile/filtered_calls.h"
#include "daemon/profile/inside_user.h"
#include "daemon/profile/unknowable.h"

namespace capmon {
namespace {

// Whether `held` is what it started with, and not what some process had later on.
bool HeldFromStart(const Profile& profile) {
  return profile.held && (profile.starts > 0 || profile.held->source != "process");
}

constexpr char kRegain[] = "root re-gain";

// Whether no_new_privs takes this gain away. It also keeps user 0 from regaining at an exec what it
// dropped before, which matters if that may be needed.
bool NeedsNewPrivileges(const PrivilegeGain& gain, CapabilitySet wanted) {
  if (gain.blocked) return false;
  if (gain.how == kRegain) return !(gain.gained & wanted).empty();
  return gain.how == "set-user-ID" || gain.how == "file capabilities";
}

std::string GainReason(const PrivilegeGain& gain, CapabilitySet wanted) {
  if (gain.how != kRegain) return fmt::format("{} gains privileges by {}", gain.path, gain.how);
  return fmt::format("{} regains {}, which its caller had dropped, because it runs as user 0",
                     gain.path, JoinNames((gain.gained & wanted).members(), ", "));
}

// What programs would gain if no_new_privs did not keep them from it; empty when nothing.
std::string WhatIsHeldBack(const Profile& profile) {
  for (const auto& [name, gain] : profile.gains) {
    if (!gain.blocked) continue;
    const ProgramFile* const file = FileAt(profile, gain.path);
    if (gain.how != "file capabilities")
      return fmt::format("prevents {} from gaining another user's rights by its {} bit", gain.path,
                         gain.how);
    if (file != nullptr && file->permitted.empty()) continue;
    return fmt::format("prevents {} from gaining {} by its file capabilities", gain.path,
                       file != nullptr ? JoinNames(file->permitted.members(), ", ") : "anything");
  }
  return "";
}

void AdviseNoNewPrivileges(const Profile& profile, Recommendation& recommendation) {
  const CapabilitySet wanted = recommendation.keep | recommendation.unknown;
  const auto gain = std::ranges::find_if(
      profile.gains, [&](const auto& entry) { return NeedsNewPrivileges(entry.second, wanted); });
  if (gain != profile.gains.end()) {
    recommendation.no_new_privileges = Advice::kUnsafe;
    recommendation.no_new_privileges_reason = GainReason(gain->second, wanted);
  } else if (HeldFromStart(profile) && profile.held->no_new_privs) {
    recommendation.no_new_privileges = Advice::kSafe;
    recommendation.no_new_privileges_reason = "it is set already";
    if (const std::string held_back = WhatIsHeldBack(profile); !held_back.empty())
      recommendation.no_new_privileges_reason += " and " + held_back;
  } else if (recommendation.unknown_reason.empty()) {
    recommendation.no_new_privileges = Advice::kSafe;
    const std::string held_back = WhatIsHeldBack(profile);
    recommendation.no_new_privileges_reason =
        held_back.empty() ? "no program gained privileges by a set-user-ID bit or file capabilities"
                          : "a process that set it for itself " + held_back;
  } else {
    recommendation.no_new_privileges = Advice::kUnknown;
    recommendation.no_new_privileges_reason = recommendation.unknown_reason;
  }
}

void AdviseNonRoot(const Profile& profile, Recommendation& recommendation) {
  if (!profile.held) {
    recommendation.non_root_reason = "its first process was not seen";
    return;
  }
  const std::optional<uint32_t> user = InsideUser(profile);
  if (!user) {
    recommendation.non_root_reason = fmt::format(
        "it runs in a user namespace, as user {} outside of it, and its user inside is not known",
        profile.held->uid);
  } else if (*user != 0 && !HeldFromStart(profile)) {
    recommendation.non_root_reason = fmt::format(
        "a process of user {} was found, but its start was not seen: it may start as user 0",
        *user);
  } else if (*user != 0) {
    recommendation.non_root = Advice::kSafe;
    recommendation.non_root_reason = fmt::format("it starts as user {} already", *user);
  } else if (!recommendation.keep.empty()) {
    recommendation.non_root = Advice::kUnsafe;
    recommendation.non_root_reason = fmt::format(
        "a user other than 0 loses {} at the first exec, unless they are ambient or file "
        "capabilities",
        JoinNames(recommendation.keep.members(), " and "));
  } else if (!recommendation.unknown_reason.empty()) {
    recommendation.non_root_reason = fmt::format(
        "it is not known which capabilities user 0 needs: {}", recommendation.unknown_reason);
  } else {
    recommendation.non_root_reason =
        "it needs no capability, but capmon cannot see what it does only because it is user 0, "
        "such as writing root's files";
  }
}

// Facts under which a capability is not even asked for; elsewhere it may be.
void WarnOfSurroundings(const Profile& profile, Recommendation& recommendation) {
  const auto fact = [&](const char* name) {
    const auto found = profile.surroundings.find(name);
    return found == profile.surroundings.end() ? std::string() : found->second;
  };
  constexpr int kFirstPortForAll = 1024;
  const std::string ports = fact("net.ipv4.ip_unprivileged_port_start");
  if (!ports.empty() && std::atoi(ports.c_str()) < kFirstPortForAll &&
      !recommendation.keep.Has(CAP_NET_BIND_SERVICE))
    recommendation.warnings.push_back(fmt::format(
        "net.ipv4.ip_unprivileged_port_start is {} here: where it is 1024, binding to lower ports "
        "needs NET_BIND_SERVICE",
        ports));
  const std::string pings = fact("net.ipv4.ping_group_range");
  unsigned long low = 1, high = 0;
  const bool read = std::sscanf(pings.c_str(), "%lu %lu", &low, &high) == 2;
  if (read && low <= high && !recommendation.keep.Has(CAP_NET_RAW))
    recommendation.warnings.push_back(
        fmt::format("net.ipv4.ping_group_range is {} here: where it is narrower, ping needs "
                    "NET_RAW",
                    pings));
}

// Where something else is the reason already why nothing is known.
void WarnOfUnreadFiles(const Profile& profile, Recommendation& recommendation) {
  const std::string unread = WhatIsUnread(profile);
  if (!unread.empty() && unread != recommendation.unknown_reason)
    recommendation.warnings.push_back(unread);
}

void WarnOfUnknown(Recommendation& recommendation) {
  if (recommendation.unknown_reason.empty()) return;
  if (const size_t unknown = recommendation.unknown.size(); unknown > 0)
    recommendation.warnings.push_back(
        fmt::format("whether it needs {} more {} is unknown: {}", unknown,
                    unknown == 1 ? "capability" : "capabilities", recommendation.unknown_reason));
  else
    recommendation.warnings.push_back(fmt::format(
        "capabilities that were not seen in use may be needed: {}", recommendation.unknown_reason));
}

void WarnOfGaps(const Profile& profile, Recommendation& recommendation) {
  if (profile.gaps.empty()) return;
  TimeNs total = 0;
  for (const Gap& gap : profile.gaps) total += gap.to - gap.from;
  recommendation.warnings.push_back(fmt::format(
      "not watched for {} s in {} ({}): what it needed only then is not in the evidence",
      (total + kSecond - 1) / kSecond,
      profile.gaps.size() == 1 ? "one piece" : fmt::format("{} pieces", profile.gaps.size()),
      profile.gaps.back().reason));
}

}  // namespace

void AdviseBeyondCapabilities(const Profile& profile, Recommendation& recommendation) {
  AdviseNoNewPrivileges(profile, recommendation);
  AdviseNonRoot(profile, recommendation);
  WarnOfSurroundings(profile, recommendation);
  WarnOfUnreadFiles(profile, recommendation);
  WarnOfUnknown(recommendation);
  for (std::string& warning : FilterWarnings(profile, recommendation.keep))
    recommendation.warnings.push_back(std::move(warning));
  WarnOfGaps(profile, recommendation);
}

}  // namespace capmon
