// SPDX-License-Identifier: Apache-2.0
// What `capmon decode` is given to read.
#include "client/host/masks.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const auto masks = ParseMasks(std::string(AsText(data, size)));
  if (!masks.ok()) return 0;
  for (const Mask& mask : *masks)
    Require(ParseMask(MaskText(mask.value)).value() == mask.value, "a mask written can be read");
  return 0;
}
