// SPDX-License-Identifier: Apache-2.0
// `capmon profile` for people: the answer in ten seconds.
#pragma once

#include <ostream>
#include <string>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

// Name, image, how long and how well it was watched; one line. Also heads `capmon explain`.
void RenderHeading(std::ostream& out, const v1::Container& container,
                   const v1::Confidence& confidence);

// `next`: the command to suggest at the end, or nothing.
void RenderProfile(std::ostream& out, const v1::Profile& profile, const Settings& settings,
                   const std::string& next = "");

}  // namespace capmon
