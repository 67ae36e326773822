// SPDX-License-Identifier: Apache-2.0
// The table of `capmon list`.
#pragma once

#include <ostream>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

void RenderContainers(std::ostream& out, const v1::ListContainersResponse& response,
                      const Settings& settings);

void RenderWorkloads(std::ostream& out, const v1::ListWorkloadsResponse& response,
                     const Settings& settings);

}  // namespace capmon
