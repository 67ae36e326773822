// SPDX-License-Identifier: Apache-2.0
// How to make a second container like one there is, but with a given set of capabilities. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/run/confinement.h"

namespace capmon {

struct TwinSettings {
  nlohmann::json body;             // for the engine's "create"
  std::vector<std::string> notes;  // where the twin differs otherwise, one sentence each
};

// From what the engine says about the original.
TwinSettings SettingsForTwin(const nlohmann::json& inspected, const Confinement& confinement);

}  // namespace capmon
