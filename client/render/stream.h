// SPDX-License-Identifier: Apache-2.0
// Rows of `capmon watch` and `capmon alerts`, printed one at a time, so columns have fixed widths.
#pragma once

#include <ostream>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

void RenderEventTitles(std::ostream& out, const Settings& settings);
void RenderEvent(std::ostream& out, const v1::Event& event, const Settings& settings);
void RenderAlertTitles(std::ostream& out, const Settings& settings);
void RenderAlert(std::ostream& out, const v1::Alert& alert, const Settings& settings);
// Oldest first, by the time in the first column.
void SortByTime(std::vector<v1::Alert>& alerts);

}  // namespace capmon
