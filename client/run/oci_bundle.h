// SPDX-License-Identifier: Apache-2.0
// The config.json of an OCI bundle for a run under a given set, apart from other runs. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/run/confinement.h"

namespace capmon {

struct BundleTwin {
  std::string bundle = {};              // the directory of the original, absolute
  std::string root = {};                // where the copy of its root file system is
  std::string cgroup = {};              // "/capmon-minimize-3-1234"
  bool share_volumes = false;           // bind mounts stay writable
  std::optional<Confinement> set = {};  // unset: the set of the original
};

struct BundleConfig {
  nlohmann::json config = {};
  std::string original_root = {};       // absolute
  std::vector<std::string> notes = {};  // differences from the original, one sentence each
};

// INVALID_ARGUMENT if it is no config.json.
absl::StatusOr<BundleConfig> ConfigOfTwin(const nlohmann::json& original, const BundleTwin& twin);

}  // namespace capmon
