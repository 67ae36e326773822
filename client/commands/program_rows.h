// SPDX-License-Identifier: Apache-2.0
// What runs showed about programs, as rows of the table of programs (docs/verdicts.md).
#pragma once

#include <string>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

// Returns a row, with its evidence as a comment above, for each program and habit that a capability
// which was found unneeded shows. `before` is the profile from before the runs, with evidence. A
// program that stands for many, like a shell, has no row, only a comment.
std::string ProgramRows(const v1::Profile& before, const v1::Minimization& minimization);

}  // namespace capmon
