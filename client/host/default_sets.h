// SPDX-License-Identifier: Apache-2.0
// Default sets of container runtimes, and a set described by its difference from one. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/model/capability.h"

namespace capmon {

// Accepts "docker", "containerd", "crio", "podman", "runc".
std::optional<CapabilitySet> DefaultSetOf(std::string_view runtime);

// "the default of Docker and containerd plus SYS_ADMIN, minus NET_RAW", "all: privileged", "all but
// SYS_MODULE". Empty if no default is near enough. `known`: every capability of the kernel.
std::string ComparedWithDefaults(CapabilitySet set, CapabilitySet known);

}  // namespace capmon
