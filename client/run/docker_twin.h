// SPDX-License-Identifier: Apache-2.0
// The settings of a second container like an existing one, but with a given set of capabilities.
// Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/run/confinement.h"

namespace capmon {

inline constexpr char kSharesVolumes[] = "the twin shares the original's volumes and bind mounts";

struct TwinSettings {
  nlohmann::json body;             // for the engine's "create"
  std::vector<std::string> notes;  // other differences of the twin, one sentence each
};

// Derives them from the inspected original.
TwinSettings SettingsForTwin(const nlohmann::json& inspected, const Confinement& confinement);

}  // namespace capmon
