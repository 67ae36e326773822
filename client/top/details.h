// SPDX-License-Identifier: Apache-2.0
// One container's profile as lines for a screen of a given width.
#pragma once

#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

std::vector<std::string> DetailLines(const v1::Profile& profile, size_t width);

}  // namespace capmon
