// SPDX-License-Identifier: Apache-2.0
// Ready-made settings for the report.
#pragma once

#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

struct ReadySettings {
  std::string kind;   // as after --as: "docker"
  std::string title;  // "Docker"
  std::string text;   // ready to be copied
};

// Returns settings for the recommendation, those that fit best first; empty for anything but
// containers and units.
std::vector<ReadySettings> SettingsFor(const v1::Profile& profile);

}  // namespace capmon
