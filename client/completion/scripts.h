// SPDX-License-Identifier: Apache-2.0
// The scripts of this folder, embedded in the binary.
#pragma once

namespace capmon {

extern const char kBashCompletion[];
extern const char kZshCompletion[];
extern const char kFishCompletion[];

}  // namespace capmon
