// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/constraints.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "daemon/profile/sentence.h"

namespace capmon {
namespace {

// Programs known to ask capset(2) only for what they find they have.
bool AsksOnlyForWhatItHas(std::string_view program) {
  static constexpr std::array<std::string_view, 6> kPrograms = {"ping",      "arping", "clockdiff",
                                                                "tracepath", "named",  "smbd"};
  const size_t slash = program.rfind('/');
  if (slash != std::string_view::npos) program.remove_prefix(slash + 1);
  return std::find(kPrograms.begin(), kPrograms.end(), program) != kPrograms.end();
}

// True when every capset(2) seen came from such programs.
bool AllAdapt(const Profile& profile) {
  bool seen = false;
  for (const auto& [key, evidence] : profile.checks) {
    if (key.syscall != "capset") continue;
    if (!AsksOnlyForWhatItHas(ProgramOf(profile, evidence))) return false;
    seen = true;
  }
  return seen;
}

}  // namespace

Constraints ConstraintsOf(const Profile& profile) {
  Constraints constraints;
  for (const auto& [name, gain] : profile.gains)
    if (!gain.blocked && gain.how == "file capabilities")
      constraints.by_file = constraints.by_file | gain.gained;
  // A program that keeps most of what it has subtracts; one that keeps little has a list, and
  // fails if the list cannot be had.
  const CapabilitySet asked = profile.capset_permitted;
  if (profile.held && asked.size() * 2 <= profile.held->permitted.size() && !AllAdapt(profile))
    constraints.by_capset = asked & profile.held->permitted;
  return constraints;
}

}  // namespace capmon
