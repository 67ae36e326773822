// SPDX-License-Identifier: Apache-2.0
// `capmon check -f`: manifests against profiles, without a cluster.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/manifest/check.h"

namespace capmon {

struct ManifestOptions {
  std::vector<std::string> manifests;  // files, directories, "-"
  std::vector<std::string> profiles;   // files, directories, "-"; none: capmond is asked
  CheckOptions check;
  bool strict = false;  // a container without complete evidence is a failure
};

// The exit code: 1 where there are errors or warnings. NOT_FOUND where no manifest runs a
// container, DATA_LOSS with `strict`.
absl::StatusOr<int> CheckManifests(const Settings& settings, const ManifestOptions& options);

}  // namespace capmon
