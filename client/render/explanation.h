// SPDX-License-Identifier: Apache-2.0
// `capmon explain`: the evidence behind one capability.
#pragma once

#include <ostream>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

void RenderExplanation(std::ostream& out, const v1::Explanation& explanation,
                       const Settings& settings);

}  // namespace capmon
