// SPDX-License-Identifier: Apache-2.0
// Reads capmond.yaml: text to settings, with every fault.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/settings/fault.h"
#include "daemon/settings/host_facts.h"
#include "daemon/settings/settings.h"

namespace capmon {

struct SettingsFile {
  Config config;               // defaults, and what the file sets
  std::set<std::string> keys;  // of the options that the file sets
  FeedSettings feed;
  std::vector<SettingsFault> faults, warnings;
};

// Pure, but for `host`.
SettingsFile ReadSettings(const std::string& text, const HostFacts& host);

// Reads the file. NOT_FOUND or INVALID_ARGUMENT if it cannot be read at all.
absl::StatusOr<SettingsFile> ReadSettingsFile(const std::string& path, const HostFacts& host);

// The first fault, and how many follow, as one sentence.
absl::Status FaultStatus(const std::string& path, const std::vector<SettingsFault>& faults);

// Puts the options given as flags over those of the file. INVALID_ARGUMENT if they contradict.
absl::StatusOr<Settings> Combine(const Config& flags, const std::set<std::string>& given,
                                 const std::string& path, const SettingsFile& file);

// The keys of options in which two settings differ: a reload does not apply them.
std::vector<std::string> ChangedOptions(const Config& one, const Config& other);

}  // namespace capmon
