// SPDX-License-Identifier: Apache-2.0
// The built-in table of programs, as text.
#pragma once

namespace capmon {

extern const char kProgramsText[];

}  // namespace capmon
