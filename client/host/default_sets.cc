// SPDX-License-Identifier: Apache-2.0
#include "client/host/default_sets.h"

#include <linux/capability.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/model/capability_facts.h"

namespace capmon {
namespace {

// With more differences than this, the names alone are easier to read.
constexpr int kNear = 4;

// CRI-O's default; Podman and Docker add to it.
constexpr CapabilitySet kCommon = {CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                                   CAP_FSETID, CAP_SETGID,       CAP_SETPCAP,
                                   CAP_SETUID, CAP_KILL,         CAP_NET_BIND_SERVICE};
constexpr CapabilitySet kPodman = kCommon | CapabilitySet{CAP_SETFCAP, CAP_SYS_CHROOT};
constexpr CapabilitySet kDocker = kPodman | CapabilitySet{CAP_AUDIT_WRITE, CAP_MKNOD, CAP_NET_RAW};
constexpr CapabilitySet kRunc = {CAP_AUDIT_WRITE, CAP_KILL, CAP_NET_BIND_SERVICE};

struct Default {
  const char* runtimes;
  CapabilitySet set;
};
constexpr Default kDefaults[] = {
    {"Docker and containerd", kDocker}, {"Podman", kPodman}, {"CRI-O", kCommon}, {"runc", kRunc}};

int Distance(CapabilitySet a, CapabilitySet b) { return (a - b).size() + (b - a).size(); }

std::string Difference(CapabilitySet set, const Default& base) {
  std::string text = absl::StrCat("the default of ", base.runtimes);
  const auto plus = (set - base.set).members(), minus = (base.set - set).members();
  if (!plus.empty()) absl::StrAppend(&text, " plus ", JoinNames(plus, ", "));
  if (!minus.empty())
    absl::StrAppend(&text, plus.empty() ? "" : ",", " minus ", JoinNames(minus, ", "));
  return text;
}

}  // namespace

std::optional<CapabilitySet> DefaultSetOf(std::string_view runtime) {
  if (runtime == "docker" || runtime == "containerd") return kDocker;
  if (runtime == "podman") return kPodman;
  if (runtime == "crio" || runtime == "cri-o") return kCommon;
  if (runtime == "runc") return kRunc;
  return std::nullopt;
}

std::string ComparedWithDefaults(CapabilitySet set, CapabilitySet known) {
  if (set.empty()) return "";
  const auto missing = (known - set).members();
  if (missing.empty()) return "all";
  if (missing.size() <= kNear) return absl::StrCat("all but ", JoinNames(missing, ", "));
  const Default* nearest = nullptr;
  int least = std::numeric_limits<int>::max();
  for (const Default& base : kDefaults)
    if (const int distance = Distance(set, base.set); distance < least) {
      least = distance;
      nearest = &base;
    }
  // A set that differs in most capabilities is not described by that default.
  return least <= kNear && 2 * least < nearest->set.size() ? Difference(set, *nearest) : "";
}

}  // namespace capmon
