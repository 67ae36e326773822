// SPDX-License-Identifier: Apache-2.0
#include "client/commands/doctor.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/base/table.h"
#include "client/commands/diagnosis.h"
#include "client/commands/document.h"
#include "client/host/host_facts.h"
#include "client/rpc/daemon.h"

namespace capmon {
namespace {

absl::StatusOr<v1::Status> AskForStatus(const Settings& settings) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  return daemon->Call(&Daemon::Stub::GetStatus, v1::GetStatusRequest());
}

absl::Status PrintAsDocument(const std::vector<Observation>& observations, OutputFormat format) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Observation& one : observations)
    all.push_back({{"finding", Name(one.finding)},
                   {"topic", one.topic},
                   {"what", one.what},
                   {"cost", one.cost},
                   {"remedy", one.remedy}});
  return PrintDocument({{"worst", Name(Worst(observations))}, {"observations", std::move(all)}},
                       format);
}

std::string AsTable(const std::vector<Observation>& observations, const Settings& settings) {
  constexpr size_t kWidth = 60;  // where the output has no limit
  Table table({{"FINDING"}, {"TOPIC"}, {.title = "STATE", .wrap = kWidth}});
  for (const Observation& one : observations) {
    table.Add({Name(one.finding), one.topic, one.what});
    if (!one.cost.empty()) table.Add({"", "", "costs: " + one.cost});
    if (!one.remedy.empty()) table.Add({"", "", "remedy: " + one.remedy});
  }
  std::ostringstream out;
  table.Print(out, settings.headers, settings.width);
  return out.str();
}

}  // namespace

absl::StatusOr<int> Doctor(const Settings& settings) {
  const absl::StatusOr<v1::Status> status = AskForStatus(settings);
  const std::vector<Observation> observations = Diagnose(GatherHostFacts(), status);
  const absl::Status printed = settings.document() ? PrintAsDocument(observations, settings.format)
                                                   : Print(AsTable(observations, settings));
  if (!printed.ok()) return printed;
  if (!status.ok()) return ExitCodeFor(status.status());
  return Worst(observations) >= Finding::kGap ? kExitDifference : kExitOk;
}

}  // namespace capmon
