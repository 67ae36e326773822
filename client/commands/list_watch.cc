// SPDX-License-Identifier: Apache-2.0
#include "client/commands/list_watch.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/commands/document.h"
#include "client/commands/interrupt.h"
#include "client/render/container_list.h"
#include "client/rpc/daemon.h"
#include "proto/json.h"

namespace capmon {
namespace {

constexpr std::chrono::seconds kBetweenLists{2};

bool RowHasEnded(const v1::WorkloadSummary& row) { return WorkloadHasEnded(row.workload()); }
bool RowHasEnded(const v1::ContainerSummary& row) { return row.container().has_ended(); }

std::string KeyOfRow(const v1::ContainerSummary& row) {
  const v1::Container& container = row.container();
  return absl::StrCat(container.cgroup_path(), "\n", container.id(), "\n", container.cgroup_id());
}
std::string KeyOfRow(const v1::WorkloadSummary& row) {
  return row.workload().name().empty() ? KeyOfRow(row.summary()) : row.workload().name();
}

void ForgetCounts(v1::ContainerSummary& row) {
  row.clear_checks();
  v1::Confidence confidence;
  confidence.set_state(row.confidence().state());
  *row.mutable_confidence() = std::move(confidence);
}
void ForgetCounts(v1::WorkloadSummary& row) { ForgetCounts(*row.mutable_summary()); }

auto& RowsOf(v1::ListWorkloadsResponse& response) { return *response.mutable_workloads(); }
auto& RowsOf(v1::ListContainersResponse& response) { return *response.mutable_containers(); }

void Render(std::ostream& out, const v1::ListWorkloadsResponse& response, const Settings& settings,
            const ListLook& look) {
  RenderWorkloads(out, response, settings, look);
}
void Render(std::ostream& out, const v1::ListContainersResponse& response, const Settings& settings,
            const ListLook& look) {
  RenderContainers(out, response, settings, look);
}

template <typename Response>
absl::Status PrintRows(Response& response, const Settings& settings, const ListLook& look) {
  if (!settings.document()) {
    std::ostringstream out;
    Render(out, response, settings, look);
    return Print(out.str());
  }
  for (const auto& row : RowsOf(response)) {
    const auto document = SerializeItem(row, settings.format);
    if (!document.ok()) return document.status();
    if (absl::Status printed = Print(*document); !printed.ok()) return printed;
  }
  return absl::OkStatus();
}

template <typename Request, typename Response>
absl::Status WatchRows(Settings settings, const ListOptions& options,
                       grpc::Status (Daemon::Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*)) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  Request request;
  request.set_include_ended(true);
  ChangedRows changed(options.all);
  std::vector<size_t> widths;
  const ListLook look = {options.all_namespaces, /*ended=*/true, &widths};
  for (bool first = true;; first = false) {
    auto response = daemon->Call(method, request);
    if (!response.ok()) return response.status();
    Select(options.selection, *response);
    changed.KeepChanged(*response);
    if (first || !RowsOf(*response).empty())
      if (absl::Status printed = PrintRows(*response, settings, look); !printed.ok())
        return printed;
    settings.headers = false;
    std::this_thread::sleep_for(kBetweenLists);
  }
}

}  // namespace

template <typename Row>
void ChangedRows::Keep(google::protobuf::RepeatedPtrField<Row>& rows) {
  std::map<std::string, std::string> now;
  const auto is_known = [&](const Row& row) {
    const std::string key = KeyOfRow(row);
    const auto before = printed_.find(key);
    if (!ended_ && RowHasEnded(row) && before == printed_.end()) return true;
    Row lasting = row;
    ForgetCounts(lasting);
    const std::string& what =
        now.emplace(key, MessageToJson(lasting, false).value_or("")).first->second;
    return before != printed_.end() && before->second == what;
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), is_known), rows.end());
  printed_ = std::move(now);
}

void ChangedRows::KeepChanged(v1::ListWorkloadsResponse& response) {
  Keep(*response.mutable_workloads());
}
void ChangedRows::KeepChanged(v1::ListContainersResponse& response) {
  Keep(*response.mutable_containers());
}

absl::Status WatchList(const Settings& settings, const ListOptions& options) {
  EndQuietlyWhenInterrupted();
  return options.instances ? WatchRows(settings, options, &Daemon::Stub::ListContainers)
                           : WatchRows(settings, options, &Daemon::Stub::ListWorkloads);
}

}  // namespace capmon
