// SPDX-License-Identifier: Apache-2.0
// Messages about what was imported from profile files.
#include <map>
#include <tuple>

#include "common/utf8.h"
#include "daemon/api/convert.h"
#include "daemon/api/utf8_message.h"
#include "daemon/model/workload.h"

namespace capmon {
namespace {

constexpr char kOpen[] = "only imported instances are known: none was seen here";

Judgement Judged(std::span<const ImportedEntry* const> rows, const JudgeOptions& options) {
  Judgement judgement;
  judgement.confidence.state = "learning";
  judgement.confidence.open_conditions.emplace_back(kOpen);
  AddImported(rows, {}, {}, options, judgement);
  return judgement;
}

// The parts of the name that settings need.
Profile Nameless(const std::string& workload) {
  Profile profile;
  Container& container = profile.container;
  container.kind = ContainerKind::kContainer;
  container.name = workload;
  const auto parsed = ParseWorkload(workload);
  if (!parsed) return profile;
  if (parsed->kind == Workload::Kind::kUnit) container.kind = ContainerKind::kUnit;
  if (parsed->kind != Workload::Kind::kPod) {
    container.name = parsed->name;
    return profile;
  }
  container.pod_namespace = parsed->group;
  container.name = parsed->part;
  if (parsed->controller == "pod")
    container.pod = parsed->name;
  else
    container.workload = parsed->controller + "/" + parsed->name;
  return profile;
}

}  // namespace

std::vector<std::string> WorkloadsIn(const ImportedRows& all) {
  std::vector<std::string> workloads;
  for (const auto& [key, row] : all)
    if (workloads.empty() || workloads.back() != key.workload) workloads.push_back(key.workload);
  return workloads;
}

void Describe(std::span<const ImportedEntry* const> rows, const SeenHere& seen, v1::Workload& out) {
  std::map<std::tuple<std::string, std::string>, v1::ImportedFile> files;
  for (const ImportedEntry* const entry : rows) {
    const ImportedRow& row = entry->second;
    v1::ImportedFile& file = files[{row.file, row.by}];
    file.set_file(ToUtf8(row.file));
    file.set_by(ToUtf8(row.by));
    if (row.at / kSecond > file.at().seconds()) file.mutable_at()->set_seconds(row.at / kSecond);
    if (row.declared)
      file.set_declared(file.declared() + static_cast<uint32_t>(row.needs.size()));
    else if (seen.Has(entry->first.instance))
      file.set_seen_here(file.seen_here() + 1);
    else
      file.set_instances(file.instances() + 1);
  }
  for (auto& [name, file] : files) *out.add_imported() = std::move(file);
}

v1::Profile ProfileOfImported(const ImportedRows& all, const std::string& workload,
                              const JudgeOptions& options) {
  const auto rows = RowsFor(all, workload, "");
  const Judgement judgement = Judged(rows, options);
  v1::Profile out = ToProto(Nameless(workload), judgement, /*with_evidence=*/false);
  out.mutable_workload()->set_name(ToUtf8(workload));
  Describe(rows, {}, *out.mutable_workload());
  out.mutable_workload()->set_imported_instances(static_cast<uint32_t>(judgement.imported));
  MakeUtf8(out);
  return out;
}

v1::WorkloadSummary SummaryOfImported(const ImportedRows& all, const std::string& workload,
                                      const JudgeOptions& options) {
  const auto rows = RowsFor(all, workload, "");
  const Judgement judgement = Judged(rows, options);
  v1::WorkloadSummary out;
  *out.mutable_summary() = Summarize(Nameless(workload), judgement);
  out.mutable_workload()->set_name(ToUtf8(workload));
  Describe(rows, {}, *out.mutable_workload());
  out.mutable_workload()->set_imported_instances(static_cast<uint32_t>(judgement.imported));
  MakeUtf8(out);
  return out;
}

}  // namespace capmon
