// SPDX-License-Identifier: Apache-2.0
// What the API needs of the feed of alerts. All functions may be called on any thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "capmon/v1/capmon.pb.h"
#include "daemon/sink/sink.h"

namespace capmon {

struct SinkAccess {
  std::function<std::vector<SinkState>()> states = [] { return std::vector<SinkState>(); };
  // These two wait for the receiver. NOT_FOUND: there is no such sink.
  std::function<absl::Status(const std::string& name)> test = [](const std::string&) {
    return absl::NotFoundError("there are no sinks");
  };
  std::function<absl::Status(const std::string& name, std::chrono::milliseconds patience)> flush =
      [](const std::string&, std::chrono::milliseconds) {
        return absl::NotFoundError("there are no sinks");
      };
  // Why alerts are lost or late; "" if they are not.
  std::function<std::string()> trouble = [] { return std::string(); };
  std::string settings_file;  // "" for none
  // Why the last reload changed nothing; "" if it did.
  std::function<std::string()> settings_fault = [] { return std::string(); };
};

v1::SinkStatus ToProto(const SinkState& state);
// Adds sinks, settings and what degrades health.
void AddSinks(const SinkAccess& sinks, v1::Status& status);

}  // namespace capmon
