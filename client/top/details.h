// SPDX-License-Identifier: Apache-2.0
// The profile of one container as lines of a given width.
#pragma once

#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

std::vector<std::string> DetailLines(const v1::Profile& profile, size_t width);

}  // namespace capmon
