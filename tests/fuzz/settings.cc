// SPDX-License-Identifier: Apache-2.0
// capmond.yaml, as people write it.
#include <algorithm>

#include "daemon/settings/read_settings.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string text(AsText(data, size));
  const HostFacts host{
      .file_problem = [](const std::string&) { return ""; },
      .directory_problem = [](const std::string&) { return ""; },
      .new_file_problem = [](const std::string&) { return ""; },
      .real_path = [](const std::string& path) { return path; },
      .secret_problem = [](const std::string&) { return ""; },
      .open_to_all = [](const std::string&) { return false; },
      .has_variable = [](const std::string&) { return true; },
      .writable_by_others = [](const std::string&) { return false; },
  };
  const SettingsFile file = ReadSettings(text, host);
  const auto lines = std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 1;
  for (const SettingsFault& fault : file.faults) {
    Require(fault.place.line >= 1 && fault.place.line <= lines, "a place is in the file");
    Require(fault.place.column >= 1, "columns begin with 1");
    Require(std::ranges::none_of(fault.what, [](char c) { return c == '\n' || c == '\0'; }),
            "a fault is one line");
    Require(fault.what.find("; ") != std::string::npos, "a fault says what to write instead");
  }
  if (!file.faults.empty()) return 0;
  for (const SinkSettings& sink : file.feed.sinks) {
    Require(!sink.name.empty(), "a sink has a name");
    Require(sink.name.find('/') == std::string::npos, "a name is no path");
  }
  return 0;
}
