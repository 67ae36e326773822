// SPDX-License-Identifier: Apache-2.0
// The table of `capmon files`.
#pragma once

#include <ostream>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

void RenderFiles(std::ostream& out, const v1::FileListing& listing, const Settings& settings);

}  // namespace capmon
