// SPDX-License-Identifier: Apache-2.0
// What people import from profile files, and remove again.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/api/import.h"
#include "daemon/api/service.h"
#include "daemon/api/status.h"
#include "daemon/attribution/workload_identity.h"

namespace capmon {
namespace {

// Refuses new rows instead of dropping old ones: a person is there to read why.
absl::Status CheckRoom(const Monitor& monitor, const std::vector<RowImported>& rows) {
  std::set<ImportedKey> fresh;
  std::map<std::string, size_t> of_one;
  for (const RowImported& row : rows) {
    ImportedKey key{row.workload, row.digest, row.instance};
    if (fresh.contains(key)) continue;
    size_t& others = of_one[row.workload];
    if (!monitor.HasRoomFor(key, fresh.size(), others))
      return absl::ResourceExhaustedError(absl::StrCat(
          "import ", row.workload, ": capmond stores ", kMaxImportedRows, " imported instances, ",
          kMaxImportedRowsOfOne, " of one workload; remove some with capmon reset --imported"));
    if (monitor.Imported()->contains(key)) continue;
    ++others;
    fresh.insert(std::move(key));
  }
  return absl::OkStatus();
}

// A workload of another cluster is another workload, however equal the rest of its name is.
absl::Status CheckCluster(const v1::ImportProfilesRequest& request, const std::string& own) {
  for (const v1::ImportedInstance& row : request.rows())
    if (!own.empty() && !row.cluster().empty() && row.cluster() != own)
      return absl::InvalidArgumentError(
          absl::StrCat("import ", row.workload().substr(0, 80), ": its profile is of cluster ",
                       row.cluster().substr(0, 80), ", and this capmond is in ", own,
                       "; to import it all the same, remove the line with cluster from the file"));
  return absl::OkStatus();
}

}  // namespace

grpc::Status Service::ImportProfiles(grpc::ServerContext* call,
                                     const v1::ImportProfilesRequest* request,
                                     v1::ImportProfilesResponse* response) {
  if (absl::Status status = CheckCluster(*request, context_.place.cluster); !status.ok())
    return ToGrpcStatus(status);
  auto rows = RowsOf(*request);
  if (!rows.ok()) return ToGrpcStatus(rows.status());
  const absl::Status room =
      context_.monitor.With([&](Monitor& monitor) { return CheckRoom(monitor, *rows); });
  if (!room.ok()) return ToGrpcStatus(room);
  const std::string by = CallerOf(*call, absl::StrCat(rows->size(), " instances imported from ",
                                                      absl::CHexEscape(rows->front().file)));
  if (by.empty()) return Gone();
  for (RowImported& row : *rows) {
    row.by = by;
    if (absl::Status status = context_.submit(std::move(row)); !status.ok())
      return ToGrpcStatus(status);
  }
  // The rows are in the store as well when this returns.
  if (absl::Status status = Done(); !status.ok()) return ToGrpcStatus(status);
  response->set_rows(static_cast<uint32_t>(request->rows_size()));
  return grpc::Status::OK;
}

absl::StatusOr<std::string> Service::ImportedWorkload(const std::string& reference) {
  return context_.monitor.With([&](Monitor& monitor) -> absl::StatusOr<std::string> {
    if (monitor.ImportedRowsOf(reference) > 0) return reference;
    const auto workload = monitor.WorkloadOf(reference, /*instance=*/false);
    if (!workload.ok()) return workload.status();
    return workload->name();
  });
}

absl::StatusOr<size_t> Service::RemoveImported(const std::string& workload) {
  const size_t rows =
      context_.monitor.With([&](Monitor& monitor) { return monitor.ImportedRowsOf(workload); });
  if (rows == 0) return rows;
  RowImported removal;
  removal.workload = workload;
  removal.removed = true;
  if (absl::Status status = context_.submit(std::move(removal)); !status.ok()) return status;
  if (absl::Status status = Done(); !status.ok()) return status;
  return rows;
}

grpc::Status Service::ResetProfile(grpc::ServerContext* call,
                                   const v1::ResetProfileRequest* request,
                                   v1::ResetProfileResponse* response) {
  const std::string& reference = request->container();
  const auto workload = ImportedWorkload(reference);
  const bool only_imported = workload.ok() && *workload == reference &&
                             absl::IsNotFound(context_.monitor.With([&](Monitor& monitor) {
                               return monitor.KeyOf(reference).status();
                             }));
  if (CallerOf(*call, absl::StrCat("reset of ", absl::CHexEscape(reference))).empty())
    return Gone();
  if (request->imported_only() && !workload.ok()) return ToGrpcStatus(workload.status());
  if (!request->imported_only() && !only_imported)
    if (absl::Status status = ApplyTo(reference,
                                      [](std::string c) {
                                        return ProfileReset{0, std::move(c)};
                                      })
                                  .status();
        !status.ok())
      return ToGrpcStatus(status);
  if (!workload.ok()) return grpc::Status::OK;
  const auto removed = RemoveImported(*workload);
  if (!removed.ok()) return ToGrpcStatus(removed.status());
  response->set_imported(static_cast<uint32_t>(*removed));
  return grpc::Status::OK;
}

bool Service::AnswerFromImports(const v1::GetProfileRequest& request, const JudgeOptions& options,
                                v1::Profile& response) {
  if (request.instance() || request.without_imported()) return false;
  const auto imported = context_.monitor.With([](Monitor& monitor) { return monitor.Imported(); });
  if (RowsFor(*imported, request.container(), "").empty()) return false;
  response = ProfileOfImported(*imported, request.container(), options);
  return true;
}

}  // namespace capmon
