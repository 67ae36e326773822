// SPDX-License-Identifier: Apache-2.0
// System calls that container engines' default seccomp filters let through only for containers that
// are given a certain capability. Such a call needs the capability although the kernel asks for
// none. Reviewed against the engines' own profiles: moby's (used by Docker, containerd and nerdctl)
// and containers/common's (Podman, CRI-O).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/model/capability.h"

namespace capmon {

enum class CallCondition {
  kAlways,
  kNamespaces,               // only with flags for new namespaces
  kNamespacesBehindPointer,  // likewise, in the structure the first argument points to
};

struct GatedCall {
  std::string_view syscall;
  CapabilitySet capabilities;  // each opens the gate
  CallCondition condition = CallCondition::kAlways;
  bool moby = true;    // gated in moby's profile
  bool podman = true;  // gated in containers/common's
  // It can succeed without the kernel granting any of the capabilities, so no check shows it.
  bool silent = false;
};

// At most 62; a call's place in the table is its number.
std::span<const GatedCall> GatedCalls();
std::optional<size_t> GatedCallNumber(std::string_view syscall);

// A set of gated calls, by their numbers.
using GatedCallSet = uint64_t;

// Which default profile an engine uses: "moby", "podman", or "" where that is not known.
std::string ProfileOfEngine(const std::string& runtime);

// What an engine's file says about the filter of one container.
struct CallFilter {
  bool present = false;     // false: it runs without a filter
  GatedCallSet allows = 0;  // gated calls it lets through whatever their arguments

  friend bool operator==(const CallFilter&, const CallFilter&) = default;
};

}  // namespace capmon
