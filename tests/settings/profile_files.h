// SPDX-License-Identifier: Apache-2.0
// profiles/NAME.json: profiles of different shape, in the JSON that `capmon profile -o json`
// prints.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "client/render/artefact/artefact.h"
#include "generated/build_paths.h"
#include "google/protobuf/util/json_util.h"
#include "tests/support/temp_dir.h"

namespace capmon {

inline const std::filesystem::path kSettingsTests =
    std::filesystem::path(CAPMON_SOURCE_DIR) / "tests/settings";

inline std::vector<std::string> ProfileNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kSettingsTests / "profiles"))
    names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

inline v1::Profile ReadProfile(const std::string& name) {
  v1::Profile profile;
  const auto status = google::protobuf::util::JsonStringToMessage(
      ReadFile(kSettingsTests / "profiles" / (name + ".json")), &profile);
  EXPECT_TRUE(status.ok()) << name << ": " << status.message();
  return profile;
}

inline std::string Settings(const v1::Profile& profile, const std::string& kind) {
  const auto settings = RenderArtefact(profile, kind);
  EXPECT_TRUE(settings.ok()) << settings.status();
  return settings.ok() ? settings->text : "";
}

}  // namespace capmon
