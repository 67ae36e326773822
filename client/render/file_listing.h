// SPDX-License-Identifier: Apache-2.0
// `capmon files` for people.
#pragma once

#include <ostream>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

void RenderFiles(std::ostream& out, const v1::FileListing& listing, const Settings& settings);

}  // namespace capmon
