// SPDX-License-Identifier: Apache-2.0
// Alerts as log records of OpenTelemetry.
#pragma once

#include <vector>

#include "daemon/encode/encode_alert.h"
#include "otlp/v1/logs.pb.h"

namespace capmon {

namespace otlp = opentelemetry::proto::collector::logs::v1;

// Consecutive alerts of one container share their resource, so that the order of the feed stays.
// The body is the alert in `format`.
otlp::ExportLogsServiceRequest OtlpRequest(AlertFormat format, const Sensor& sensor,
                                           const std::vector<FeedMessage>& messages);

}  // namespace capmon
