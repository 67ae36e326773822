// SPDX-License-Identifier: Apache-2.0
// The table of `capmon status`.
#pragma once

#include <ostream>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

void RenderStatus(std::ostream& out, const v1::Status& status);

}  // namespace capmon
