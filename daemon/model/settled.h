// SPDX-License-Identifier: Apache-2.0
// How many results the kernel side records of one kind of check (bpf/outcome.bpf.h).
#pragma once

#include <cstdint>

namespace capmon {

// With fewer checks, the result of each was recorded, unless system calls were not watched.
inline constexpr uint64_t kSettledAtFirst = 1024;

}  // namespace capmon
