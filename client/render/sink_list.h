// SPDX-License-Identifier: Apache-2.0
// The receivers of alerts as a table.
#pragma once

#include <ostream>
#include <string>

#include "capmon/v1/capmon.pb.h"
#include "client/base/settings.h"

namespace capmon {

void RenderSinks(std::ostream& out, const google::protobuf::RepeatedPtrField<v1::SinkStatus>& sinks,
                 const Settings& settings);
// "ok", "failing since ...: the receiver refuses the token"
std::string StateOf(const v1::SinkStatus& sink);

}  // namespace capmon
