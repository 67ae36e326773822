// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/unknowable.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "daemon/model/loss.h"
#include "daemon/profile/gates.h"

namespace capmon {
namespace {

std::string WhyNoStart(const Profile& profile) {
  if (profile.container.kind == ContainerKind::kHost)
    return "the host's processes ran before capmond";
  if (!profile.container.from_start) return "its start was not seen: it ran before capmond";
  if (profile.held && profile.held->source == "process")
    return "its start is not in the evidence, which begins later";
  return "none of its programs was seen starting";
}

// What was lost of this container's own evidence, and how much.
std::string WhatWasLost(const Profile& profile) {
  uint64_t lost = 0;
  std::string causes;
  for (const auto& [cause, count] : profile.losses) {
    if (count == 0 || !IsItsOwnLoss(cause)) continue;
    lost += count;
    causes += (causes.empty() ? "" : ", ") + cause;
  }
  if (lost == 0) return "";
  return lost == 1 ? fmt::format("1 piece of its evidence was lost ({})", causes)
                   : fmt::format("{} pieces of its evidence were lost ({})", lost, causes);
}

const Gap* GapOverStart(const Profile& profile, TimeNs stable_after) {
  const TimeNs set_up = profile.observed_from + StartUpTime(stable_after);
  const auto gap = std::find_if(profile.gaps.begin(), profile.gaps.end(), [&](const Gap& g) {
    return g.from < set_up && g.to > profile.observed_from;
  });
  return gap == profile.gaps.end() ? nullptr : &*gap;
}

}  // namespace

bool IsItsOwnLoss(const std::string& cause) {
  return cause != "recursion" && cause != "ring-cgroup" && KindOfLoss(cause) == LossKind::kEvidence;
}

std::string WhatIsUnread(const Profile& profile) {
  constexpr size_t kNamed = 3;
  std::vector<std::string> paths;
  for (const auto& [exe, file] : profile.files)
    if (!file.known) paths.push_back(file.path);
  if (paths.empty()) return "";
  const size_t others = paths.size() > kNamed ? paths.size() - kNamed : 0;
  paths.resize(std::min(paths.size(), kNamed));
  return fmt::format(
      "the file capabilities of {}{} could not be read, and a program with file capabilities does "
      "not start without them",
      fmt::join(paths, ", "),
      others == 0 ? "" : fmt::format(" and {} {}", others, others == 1 ? "other" : "others"));
}

std::string WhyUnknownSinceStart(const Profile& profile) {
  if (profile.losses.contains(kLossByLeaving))
    return "a process left its cgroup: the evidence may not have all of its later checks";
  if (std::string lost = WhatWasLost(profile); !lost.empty()) return lost;
  if (profile.evidence_dropped > 0)
    return fmt::format("its profile was full: it does not have {} of its checks",
                       profile.evidence_dropped);
  return WhatIsUnread(profile);
}

std::string WhyUnknown(const Profile& profile, TimeNs stable_after) {
  if (profile.starts == 0 && !profile.losses.contains(kLossByLeaving)) return WhyNoStart(profile);
  if (std::string why = WhyUnknownSinceStart(profile); !why.empty()) return why;
  if (const Gap* gap = GapOverStart(profile, stable_after))
    return fmt::format("it was not watched while it started: {}", gap->reason);
  return "";
}

CapabilitySet CheckedBeyondQuota(const Profile& profile) {
  CapabilitySet checked;
  for (const auto& [key, evidence] : profile.checks)
    if (key.Is(kCollapsed) && key.granted && IsWorkload(profile.container, key.exe_origin))
      checked.Add(key.capability);
  return checked;
}

std::string ClockTime(TimeNs time) {
  const std::time_t seconds = time / kSecond;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

}  // namespace capmon
