// SPDX-License-Identifier: Apache-2.0
// The one table of what a severity is called by receivers.
#pragma once

#include "daemon/model/severity.h"

namespace capmon {

struct SeverityScale {
  int ocsf;               // severity_id
  const char* ocsf_name;  // severity
  const char* falco;      // priority
  int syslog;             // RFC 5424
  int cef;                // 0 to 10
  int otlp;               // severity_number
  int ecs;                // event.severity and event.risk_score
  const char* ecs_level;  // log.level
};

const SeverityScale& ScaleOf(Severity severity);

}  // namespace capmon
