// SPDX-License-Identifier: Apache-2.0
// Ready-made settings for the report.
#pragma once

#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

struct ReadySettings {
  std::string title;  // "Docker"
  std::string text;   // to be copied as it stands
};

// What makes the recommendation come true; nothing for what is neither a container nor a unit.
std::vector<ReadySettings> SettingsFor(const v1::Profile& profile);

}  // namespace capmon
