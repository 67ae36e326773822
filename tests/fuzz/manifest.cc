// SPDX-License-Identifier: Apache-2.0
// Manifests of Kubernetes and Compose, as `capmon check -f` is given them.
#include "client/manifest/manifest.h"

#include <algorithm>

#include "client/manifest/pod_security.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string text(AsText(data, size));
  const auto lines = std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 1;
  const Manifest manifest = ReadManifest(text, "project");
  for (const ManifestContainer& container : manifest.containers) {
    Require(container.place.line <= lines, "a place is in the file");
    Require(!LevelOf(container).level.empty(), "a container meets some level");
    Require(!LabelOf(container).empty(), "a container has a label");
  }
  for (const ManifestFinding& finding : manifest.findings)
    Require(finding.place.line >= 1 && finding.place.column >= 1, "places begin with 1");
  return 0;
}
