// SPDX-License-Identifier: Apache-2.0
// What people import from profile files, and remove again.
#include <iterator>
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

// "5 instances imported from "web.yaml""; the files are quoted, because clients choose their names.
std::string WhatIsIn(const std::vector<RowImported>& rows) {
  constexpr size_t kNamed = 3;
  std::set<std::string> files;
  for (const RowImported& row : rows) files.insert(row.file);
  std::string text = absl::StrCat(rows.size(), " instances imported from ");
  size_t named = 0;
  for (const std::string& file : files) {
    if (named == kNamed) return absl::StrCat(text, " and ", files.size() - kNamed, " more");
    absl::StrAppend(&text, named++ == 0 ? "" : ", ", "\"", absl::CHexEscape(file), "\"");
  }
  return text;
}

}  // namespace

grpc::Status Service::ImportProfiles(grpc::ServerContext* call,
                                     grpc::ServerReader<v1::ImportProfilesRequest>* reader,
                                     v1::ImportProfilesResponse* response) {
  grpc::Status status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                      absl::StrCat(kMaxImports, " imports are under way; try again later"));
  if (++imports_ <= kMaxImports) status = Import(*call, *reader, *response);
  --imports_;
  return status;
}

grpc::Status Service::Import(grpc::ServerContext& call,
                             grpc::ServerReader<v1::ImportProfilesRequest>& reader,
                             v1::ImportProfilesResponse& response) {
  ImportReader import(context_.place.cluster);
  v1::ImportProfilesRequest request;
  while (reader.Read(&request))
    if (absl::Status status = import.Take(request); !status.ok()) return ToGrpcStatus(status);
  auto rows = import.Finish();
  if (!rows.ok()) return ToGrpcStatus(rows.status());
  const std::lock_guard<std::mutex> alone(importing_);
  const auto known = context_.monitor.With([](Monitor& monitor) { return monitor.Imported(); });
  if (absl::Status status = CheckRoom(*known, *rows); !status.ok()) return ToGrpcStatus(status);
  const std::string by = CallerOf(call, WhatIsIn(*rows), ImportsBefore(*rows));
  if (by.empty()) return Gone();
  response.set_rows(static_cast<uint32_t>(rows->size()));
  for (RowImported& row : *rows) row.by = by;
  // The rows are in the store as well when this returns.
  absl::Status status = context_.submit(
      {std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end())});
  if (status.ok()) status = Done();
  return status.ok() ? grpc::Status::OK : ToGrpcStatus(status);
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
  if (absl::Status status = context_.submit({std::move(removal)}); !status.ok()) return status;
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
  if (CallerOf(*call, absl::StrCat("reset of ", absl::CHexEscape(reference)),
               EvidenceBefore(reference))
          .empty())
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
