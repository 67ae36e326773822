// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/filtered_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "daemon/model/capability_facts.h"
#include "daemon/profile/gates.h"

namespace capmon {
namespace {

enum class FilterKind {
  kNone,
  kDefault,  // the engine's own, as far as can be seen
  kOther,    // another one: whether it depends on capabilities is not known
  kUnknown,  // it could not be read, and its engine is not known
};

constexpr uint8_t kSeccompFilter = 2;

bool GatedBy(const std::string& filter, const GatedCall& call) {
  return filter == "podman" ? call.podman : call.moby;
}

std::string FilterOf(const Profile& profile) {
  const std::string known = ProfileOfEngine(profile.container.runtime);
  return known.empty() ? "moby" : known;
}

CapabilitySet Bounding(const Profile& profile) {
  return profile.held ? profile.held->bounding : CapabilitySet();
}

// A default filter is made from the container's capabilities: it is shut where none of them opens
// it.
bool FollowsCapabilities(const Profile& profile, const CallFilter& filter) {
  const CapabilitySet bounding = Bounding(profile);
  for (size_t number = 0; number < GatedCalls().size(); ++number) {
    const GatedCall& call = GatedCalls()[number];
    const bool open = filter.allows >> number & 1;
    if (open && GatedBy(FilterOf(profile), call) && (call.capabilities & bounding).empty())
      return false;
  }
  return true;
}

FilterKind KindOf(const Profile& profile) {
  const Container& container = profile.container;
  if (container.kind != ContainerKind::kContainer || !profile.held) return FilterKind::kNone;
  if (profile.held->seccomp_mode != kSeccompFilter) return FilterKind::kNone;
  if (container.filter && !container.filter->present) return FilterKind::kNone;  // its own then
  if (container.filter)
    return FollowsCapabilities(profile, *container.filter) ? FilterKind::kDefault
                                                           : FilterKind::kOther;
  return ProfileOfEngine(container.runtime).empty() ? FilterKind::kUnknown : FilterKind::kDefault;
}

std::string EngineOf(const Profile& profile) {
  const std::string& runtime = profile.container.runtime;
  if (runtime == "docker") return "Docker";
  if (runtime == "podman") return "Podman";
  if (runtime == "cri-o") return "CRI-O";
  return runtime == "containerd" ? runtime : "the engine";
}

std::string GateReason(const Profile& profile, const std::string& syscall, CapabilitySet opens) {
  return fmt::format("{}'s seccomp filter allows {}(2) only with {}", EngineOf(profile), syscall,
                     JoinNames(opens.members(), " or "));
}

const GatedCall* Known(const Profile& profile, const std::string& syscall) {
  const auto number = GatedCallNumber(syscall);
  if (!number || !GatedBy(FilterOf(profile), GatedCalls()[*number])) return nullptr;
  return &GatedCalls()[*number];
}

// A call in which the kernel asked for something got through the filter before. One that failed
// needs no gate, unless others were not watched.
bool GotThrough(const CheckEvidence& evidence) {
  const CheckCounts& counts = evidence.counts;
  const bool may_have_succeeded = counts.failed == 0 || evidence.unwatched > 0;
  return counts.succeeded > 0 || (evidence.key.granted && may_have_succeeded);
}

// The gated calls that the workload made, by what was watched and by what the kernel asked.
std::set<std::string> CallsThatGotThrough(const Profile& profile) {
  std::set<std::string> calls;
  for (const auto& [syscall, use] : profile.calls)
    if (use.passed) calls.insert(syscall);
  for (const auto& [key, evidence] : profile.checks) {
    const auto number = GatedCallNumber(key.syscall);
    if (number && GatedCalls()[*number].condition == CallCondition::kAlways &&
        IsWorkload(profile.container, key.exe_origin) && GotThrough(evidence))
      calls.insert(key.syscall);
  }
  return calls;
}

}  // namespace

std::vector<GateNeed> GateNeedsOf(const Profile& profile) {
  std::vector<GateNeed> needs;
  if (KindOf(profile) != FilterKind::kDefault) return needs;
  for (const std::string& syscall : CallsThatGotThrough(profile)) {
    const GatedCall* const call = Known(profile, syscall);
    if (call == nullptr) continue;
    const CapabilitySet any = call->capabilities & Bounding(profile);
    if (!any.empty()) needs.push_back({any, GateReason(profile, syscall, call->capabilities)});
  }
  return needs;
}

CapabilitySet SilentlyGated(const Profile& profile) {
  CapabilitySet gated;
  if (KindOf(profile) != FilterKind::kDefault) return gated;
  const std::string filter = FilterOf(profile);
  for (const GatedCall& call : GatedCalls())
    if (call.silent && GatedBy(filter, call)) gated = gated | call.capabilities;
  return gated & Bounding(profile);
}

UnwatchedGates UnwatchedGatesOf(const Profile& profile) {
  UnwatchedGates gates;
  if (profile.unwatched == 0) return gates;
  gates.capabilities = SilentlyGated(profile);
  if (gates.capabilities.empty()) return gates;
  std::string example;
  for (const GatedCall& call : GatedCalls()) {
    if (!call.silent || !GatedBy(FilterOf(profile), call)) continue;
    if ((call.capabilities & gates.capabilities).empty()) continue;
    // The first of the table is as good as another, but unshare(2) is the one that people know.
    if (example.empty() || call.syscall == "unshare") example = call.syscall;
  }
  gates.reason = fmt::format(
      "system calls were not watched while it made {} checks and execs, and {}'s seccomp filter "
      "allows some, such as {}(2), only with {}",
      profile.unwatched, EngineOf(profile), example,
      JoinNames(gates.capabilities.members(), " or "));
  return gates;
}

std::vector<FilteredCall> FilteredCallsOf(const Profile& profile) {
  std::vector<FilteredCall> filtered;
  if (KindOf(profile) != FilterKind::kDefault) return filtered;
  for (const auto& [syscall, use] : profile.calls) {
    const GatedCall* const call = Known(profile, syscall);
    if (call != nullptr && use.refused && (call->capabilities & Bounding(profile)).empty())
      filtered.push_back({syscall, use.comm, call->capabilities});
  }
  return filtered;
}

std::vector<std::string> FilterWarnings(const Profile& profile, CapabilitySet keep) {
  std::vector<std::string> warnings;
  for (const FilteredCall& call : FilteredCallsOf(profile))
    warnings.push_back(fmt::format("the seccomp filter denied {}(2) by {}: {}", call.syscall,
                                   call.comm, GateReason(profile, call.syscall, call.opens)));
  const FilterKind kind = KindOf(profile);
  if (kind != FilterKind::kOther && kind != FilterKind::kUnknown) return warnings;
  CapabilitySet doubtful;
  for (const auto& [syscall, use] : profile.calls)
    if (const GatedCall* const call = Known(profile, syscall); call != nullptr && use.passed)
      if ((call->capabilities & keep).empty())
        doubtful = doubtful | (call->capabilities & Bounding(profile));
  if (!doubtful.empty())
    warnings.push_back(
        fmt::format("{}: if it allows system calls only with {}, the container needs that as well",
                    kind == FilterKind::kUnknown ? "its seccomp filter could not be read"
                                                 : "its seccomp filter is not the engine's default",
                    JoinNames(doubtful.members(), " or ")));
  return warnings;
}

}  // namespace capmon
