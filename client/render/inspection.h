// SPDX-License-Identifier: Apache-2.0
// The tables of `capmon inspect`.
#pragma once

#include <ostream>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

void RenderInspection(std::ostream& out, const v1::Inspection& inspection,
                      const Settings& settings);

}  // namespace capmon
