// SPDX-License-Identifier: Apache-2.0
// System calls that the default seccomp filters of container engines allow only for containers with
// a certain capability. Such a call needs the capability even if the kernel does not check it.
// Reviewed against the engines' own profiles: moby's (Docker, containerd, nerdctl) and
// containers/common's (Podman, CRI-O).
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
  CapabilitySet capabilities;  // each one allows the call
  CallCondition condition = CallCondition::kAlways;
  bool moby = true;    // gated in moby's profile
  bool podman = true;  // gated in containers/common's
  // It can succeed without a grant of these capabilities, so no check may show it.
  bool silent = false;
};

// At most 62; the index is the call's number.
std::span<const GatedCall> GatedCalls();
std::optional<size_t> GatedCallNumber(std::string_view syscall);

// A set of gated calls, by number.
using GatedCallSet = uint64_t;

// The default profile of an engine: "moby", "podman", or "" if unknown.
std::string ProfileOfEngine(const std::string& runtime);

// The seccomp filter of one container, from an engine's file.
struct CallFilter {
  bool present = false;     // false: it runs without a filter
  GatedCallSet allows = 0;  // gated calls that it allows with any arguments

  friend bool operator==(const CallFilter&, const CallFilter&) = default;
};

}  // namespace capmon
