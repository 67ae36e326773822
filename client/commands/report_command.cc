// SPDX-License-Identifier: Apache-2.0
#include "client/commands/report_command.h"

#include <ctime>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/render/report/report.h"
#include "client/rpc/container_key.h"
#include "client/rpc/daemon.h"

namespace capmon {
namespace {

constexpr size_t kMaxProfiles = 2000;

// Rejects a file name that is an output format: other commands have formats after -o.
absl::Status CheckName(const std::string& output) {
  for (const char* const format : {"table", "wide", "json", "jsonl", "matrix"})
    if (output == format)
      return absl::InvalidArgumentError(
          absl::StrCat("capmon report writes a page, and -o names its file; for a file called ",
                       output, " write ./", output));
  return absl::OkStatus();
}

// Returns nothing for a container that ended since it was listed.
absl::StatusOr<std::optional<v1::Profile>> ProfileIfThere(Daemon& daemon,
                                                          const v1::Container& container) {
  v1::GetProfileRequest request;
  request.set_container(ReferenceTo(container));
  auto profile = daemon.Call(&Daemon::Stub::GetProfile, request);
  if (profile.ok()) return std::optional(*std::move(profile));
  if (absl::IsNotFound(profile.status()) || absl::IsFailedPrecondition(profile.status()))
    return std::optional<v1::Profile>();
  return profile.status();
}

absl::StatusOr<Findings> Ask(Daemon& daemon, bool include_ended) {
  Findings report;
  report.written = std::time(nullptr);
  auto status = daemon.Call(&Daemon::Stub::GetStatus, v1::GetStatusRequest());
  if (!status.ok()) return status.status();
  report.status = *std::move(status);
  v1::ListContainersRequest request;
  request.set_include_ended(include_ended);
  const auto containers = daemon.Call(&Daemon::Stub::ListContainers, request);
  if (!containers.ok()) return containers.status();
  Matrix matrix = MatrixOf(*containers);
  report.columns = std::move(matrix.columns);
  for (MatrixRow& row : matrix.rows) {
    ReportedContainer& added = report.containers.emplace_back();
    added.row = std::move(row);
    if (report.containers.size() > kMaxProfiles) continue;
    auto profile = ProfileIfThere(daemon, added.row.summary.container());
    if (!profile.ok()) return profile.status();
    added.profile = *std::move(profile);
  }
  return report;
}

}  // namespace

absl::Status WriteReport(const Settings& settings, const ReportOptions& options) {
  if (absl::Status status = CheckName(options.output); !status.ok()) return status;
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  const auto report = Ask(*daemon, options.all);
  return report.ok() ? WriteFile(options.output, RenderReport(*report)) : report.status();
}

}  // namespace capmon
