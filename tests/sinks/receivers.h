// SPDX-License-Identifier: Apache-2.0
// What the tests of sinks share: alerts, and what a receiver must have got.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/sink/sink.h"
#include "tests/support/receivers.h"

namespace capmon {

std::string TestSource(const std::string& name);  // the path of a file of tests/sinks/

// `count` alerts: those of SampleAlerts(), hostile ones among them, again and again, each with an
// event id of its own.
std::vector<Alert> ManyAlerts(int count);

std::unique_ptr<Sink> OpenSink(const SinkSettings& settings, const std::string& directory = "");

// Puts all alerts and waits until they are delivered.
void Deliver(Sink& sink, const std::vector<Alert>& alerts);

// The lines, in a format, of a feed that begins with number 1.
std::vector<std::string> ExpectedLines(const SinkSettings& settings,
                                       const std::vector<Alert>& alerts);

}  // namespace capmon
