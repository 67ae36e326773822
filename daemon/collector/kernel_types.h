// SPDX-License-Identifier: Apache-2.0
// What the running kernel's types (BTF) say about it.
#pragma once

#include <bpf/btf.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace capmon {

// Null where the kernel has none. Parsing them takes milliseconds and megabytes.
std::unique_ptr<btf, decltype(&btf__free)> KernelTypes();

// Whether they have a function or tracepoint, e.g. "btf_trace_cap_capable".
bool KernelHas(const btf* types, const char* name, uint32_t kind);
// How many parameters a function of the kernel has; negative when there is no such function.
int ParametersOf(const btf* types, const char* name);
// Where a task's registers are on its stack in kernels before 5.15, which do not tell: at the top
// of 16 KiB, or of a page where that is larger.
uint32_t OldRegistersOffset(const btf* types);
// The index of a v1 controller in the kernel's table; configurations number them differently.
absl::StatusOr<int> ControllerIndex(const btf* types, const std::string& controller);

}  // namespace capmon
