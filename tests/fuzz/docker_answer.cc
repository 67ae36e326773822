// SPDX-License-Identifier: Apache-2.0
// What listens on Docker's socket, or on what looks like it, answers anything.
#include "daemon/attribution/docker_answer.h"

#include "daemon/attribution/tolerant_json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string json(AsText(data, size));
  if (const auto listed = ParseContainerList(json, 1)) {
    for (const ListedContainer& container : *listed)
      Require(!container.described.container_id.empty(), "each of the list has an id");
  }
  if (const auto container = ParseContainer(json, 1)) {
    Require(container->labels.size() <= kMaxDescribedLabels, "labels are bounded");
    Require(container->name.size() <= kMaxDescribedBytes, "names are bounded");
  }
  ParseEvent(json);
  return 0;
}
