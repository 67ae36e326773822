// SPDX-License-Identifier: Apache-2.0
// JSON of others, and ways into it.
#include "common/json.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const nlohmann::json json = ParseJson(std::string(AsText(data, size)));
  TextAt(json, {"a", "b"});
  FlagAt(json, {"a", "b"});
  NumberAt(json, {"a"});
  SizeAt(json, {"a"});
  return 0;
}
