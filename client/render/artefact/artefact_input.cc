// SPDX-License-Identifier: Apache-2.0
#include "client/render/artefact/artefact_input.h"

#include <linux/capability.h>

#include <algorithm>

#include "client/base/text.h"

namespace capmon {
namespace {

CapabilitySet NamedCapabilities() {
  CapabilitySet set;
  for (Capability c = 0; c <= CAP_LAST_CAP; ++c) set.Add(c);
  return set;
}

bool HoldsEverything(CapabilitySet held) {
  static constexpr CapabilitySet kOnlyPrivileged = {CAP_SYS_ADMIN, CAP_SYS_MODULE, CAP_SYS_RAWIO,
                                                    CAP_MAC_ADMIN, CAP_SYS_BOOT};
  return (held & kOnlyPrivileged) == kOnlyPrivileged;
}

// In a user namespace, the number is the host's. There as everywhere, only user 0 has effective
// capabilities after an exec that are not ambient.
std::optional<uint32_t> InsideUid(const v1::HeldSets& held) {
  if (held.has_inside_uid()) return held.inside_uid();
  if (held.userns_level() == 0 || held.uid() == 0) return held.uid();
  const CapabilitySet regained = SetOf(held.effective()) - SetOf(held.ambient());
  return regained.empty() ? std::nullopt : std::optional<uint32_t>(0);
}

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

ArtefactInput::ArtefactInput(const v1::Profile& source, bool deny)
    : profile(source),
      keep((SetOf(source.recommendation().keep()) | SetOf(source.recommendation().unknown())) &
           NamedCapabilities()),
      unknown(SetOf(source.recommendation().unknown())) {
  const v1::HeldSets& held = source.held();
  removed = NamedCapabilities() - keep;
  ambient = keep & SetOf(held.ambient());
  no_new_privileges = source.recommendation().no_new_privileges() == "safe";
  was_privileged = source.container().privileged();
  // Units and sessions hold everything unless it is removed. Docker and CRI report whether a
  // container is privileged; otherwise all capabilities were added one by one.
  const std::string& named_by = source.container().name_source();
  held_everything = source.container().kind() == "container" && named_by != "docker" &&
                    named_by != "cri" && HoldsEverything(SetOf(held.bounding()));
  filtered = held.seccomp() == "filter";
  // A process that was found running may have changed its user since its start.
  const bool of_start = source.confidence().starts() > 0 || held.source() != "process" ||
                        source.recommendation().unknown_reason().empty();
  if (source.has_held() && of_start) uid = InsideUid(held);
  enforce = deny;
}

std::vector<std::string> BareNames(CapabilitySet set) {
  std::vector<std::string> names;
  for (const Capability c : set.members()) names.push_back(ShortCapabilityName(c));
  return Sorted(std::move(names));
}

std::vector<std::string> FullNames(CapabilitySet set) {
  std::vector<std::string> names;
  for (const Capability c : set.members()) names.push_back(CapabilityName(c));
  return Sorted(std::move(names));
}

}  // namespace capmon
