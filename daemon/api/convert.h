// SPDX-License-Identifier: Apache-2.0
// Converts the core's values to the API's messages. The only file that knows both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capmon/v1/capmon.pb.h"
#include "daemon/health.h"
#include "daemon/model/layer.h"
#include "daemon/monitor.h"

namespace capmon {

v1::Container ToProto(const Container& container);
v1::ContainerSummary Summarize(const Profile& profile, const Judgement& judgement);
v1::Profile ToProto(const Profile& profile, const Judgement& judgement, bool with_evidence);
// A capability that is not in the judgement was neither held nor checked.
v1::Explanation Explain(const Profile& profile, const Judgement& judgement, Capability capability);
v1::Status ToProto(const MonitorStatus& status, const std::vector<Layer>& layers,
                   const std::vector<Layer>& keeps, const HealthState& health);
v1::Event ToProto(const WatchedEvent& event, uint64_t dropped);
v1::Alert ToProto(const Alert& alert, uint64_t dropped);

}  // namespace capmon
