// SPDX-License-Identifier: Apache-2.0
// `capmon verify --container` makes a container like the one Docker describes.
#include "client/run/docker_twin.h"

#include "common/json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const nlohmann::json inspected = ParseJson(std::string(AsText(data, size)));
  // What DockerEngine::Inspect lets through.
  for (const char* name : {"Config", "HostConfig", "State"}) {
    const nlohmann::json* const part = At(inspected, {name});
    if (part == nullptr || !part->is_object()) return 0;
  }
  const TwinSettings twin = SettingsForTwin(inspected, {.keep = CapabilitySet(1)});
  Require(!FlagAt(twin.body, {"HostConfig", "Privileged"}), "a twin is not privileged");
  return 0;
}
