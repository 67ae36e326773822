// SPDX-License-Identifier: Apache-2.0
// The table of `capmon profile`.
#pragma once

#include <ostream>
#include <string>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

// Prints name, image and confidence in one line, or several of this width. Also the first line of
// `capmon explain`. For several instances of a workload, prints its name and their number.
void RenderHeading(std::ostream& out, const v1::Container& container,
                   const v1::Confidence& confidence, const v1::Workload& workload = {},
                   size_t width = 0);

// `next`: the command to suggest at the end, or "".
void RenderProfile(std::ostream& out, const v1::Profile& profile, const Settings& settings,
                   const std::string& next = "");

}  // namespace capmon
