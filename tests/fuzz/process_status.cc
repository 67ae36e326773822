// SPDX-License-Identifier: Apache-2.0
// /proc/PID/status: a process chooses its name.
#include "common/process_status.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  capmon::ParseProcessStatus(capmon::AsText(data, size));
  return 0;
}
