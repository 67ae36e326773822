// SPDX-License-Identifier: Apache-2.0
// How often a kernel program ran, by the kernel's own statistics.
#pragma once

#include <cstdint>
#include <string>

namespace capmon {

struct ProgramRuns {
  std::string program;  // its name
  uint64_t runs = 0;
  uint64_t nanoseconds = 0;  // in all of them
};

}  // namespace capmon
