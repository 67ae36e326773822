// SPDX-License-Identifier: Apache-2.0
// systemd's unit files.
#include "daemon/attribution/systemd_units.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  std::string_view rest = AsText(data, size);
  const std::string unit(TakePart(rest));
  UnitDescription(std::string(rest), unit);
  return 0;
}
