// SPDX-License-Identifier: Apache-2.0
// All settings of capmond: flags over the file, the file over defaults.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "daemon/alert/exceptions.h"
#include "daemon/alert/volume.h"
#include "daemon/settings/config.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

inline constexpr char kDefaultConfigFile[] = "/etc/capmon/capmond.yaml";

// What a reload applies.
struct FeedSettings {
  std::vector<SinkSettings> sinks;
  std::vector<AlertException> exceptions;
  VolumeLimits limits;
  std::vector<std::string> labels;  // of containers, that alerts carry; empty: all

  friend bool operator==(const FeedSettings&, const FeedSettings&) = default;
};

struct Settings {
  Config config;
  FeedSettings feed;
  std::string file;             // that was read; "" for none
  std::set<std::string> flags;  // keys of options that were given as flags
  std::vector<std::string> warnings;
};

}  // namespace capmon
