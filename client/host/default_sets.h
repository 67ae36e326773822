// SPDX-License-Identifier: Apache-2.0
// The default sets of container runtimes, and a set described as a difference from one. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/model/capability.h"

namespace capmon {

// By the name people give the runtime: "docker", "containerd", "crio", "podman", "runc".
std::optional<CapabilitySet> DefaultSetOf(std::string_view runtime);

// "the default of Docker and containerd plus SYS_ADMIN, minus NET_RAW", "all: privileged", "all but
// SYS_MODULE". Empty where nothing is near enough to say more than the names do. `known` is every
// capability the kernel has.
std::string ComparedWithDefaults(CapabilitySet set, CapabilitySet known);

}  // namespace capmon
