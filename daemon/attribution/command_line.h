// SPDX-License-Identifier: Apache-2.0
// What a container is started with, to be compared. Not its text, in which there may be secrets.
#pragma once

#include <string>
#include <vector>

namespace capmon {

// Returns 16 hexadecimal digits; the same for the same arguments, by every capmond. "" of none.
std::string CommandDigest(const std::vector<std::string>& arguments);

}  // namespace capmon
