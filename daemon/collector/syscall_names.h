// SPDX-License-Identifier: Apache-2.0
// System call numbers to names, for this machine's native and 32-bit tables.
#pragma once

#include <string>

namespace capmon {

// "bind"; "syscall_999" for a number without a name.
std::string SyscallName(int number, bool compat);
// Negative where this table has no such call.
int SyscallNumber(const std::string& name, bool compat);

}  // namespace capmon
