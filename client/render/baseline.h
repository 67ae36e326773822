// SPDX-License-Identifier: Apache-2.0
// `capmon approve` and `capmon baseline` for people.
#pragma once

#include <ostream>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

void RenderBaseline(std::ostream& out, const v1::Baseline& baseline);

}  // namespace capmon
