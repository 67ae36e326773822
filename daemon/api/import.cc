// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/import.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/workload_identity.h"
#include "daemon/profile/imported.h"
#include "daemon/profile/verdict_traits.h"

namespace capmon {
namespace {

constexpr size_t kMaxText = 512;

absl::Status Wrong(const v1::ImportedInstance& row, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("import instance \"", row.instance().substr(0, 80),
                                                 "\" of ", row.workload().substr(0, 80), ": ",
                                                 std::string(what)));
}

absl::Status CheckTexts(const v1::ImportedInstance& row) {
  const auto workload = ParseWorkload(row.workload());
  if (!workload || !CanBeIdentified(*workload))
    return Wrong(row, "no workload has this name, so it would never be found again");
  for (const std::string* text : {&row.workload(), &row.digest(), &row.instance()})
    if (text->size() > kMaxText)
      return Wrong(row, absl::StrCat("a name has more than ", kMaxText, " bytes"));
  if (row.instance().empty()) return Wrong(row, "the instance has no id");
  if (row.surroundings_size() > static_cast<int>(ImportedRow::kMaxSurroundings))
    return Wrong(row,
                 absl::StrCat("it has more than ", ImportedRow::kMaxSurroundings, " surroundings"));
  for (const auto& [name, value] : row.surroundings())
    if (name.size() + value.size() > kMaxText)
      return Wrong(row, absl::StrCat("one of its surroundings has more than ", kMaxText, " bytes"));
  if (row.observed_seconds() < 0) return Wrong(row, "it was observed for a negative time");
  for (const uint64_t count :
       {static_cast<uint64_t>(row.observed_seconds()), row.starts(), row.lost()})
    if (count > ImportedRow::kMaxCount)
      return Wrong(row, absl::StrCat(count, " is more than the ", ImportedRow::kMaxCount,
                                     " seconds, starts or losses that an instance can have"));
  return absl::OkStatus();
}

absl::Status CheckAdvice(const v1::ImportedInstance& row, const std::string& word) {
  constexpr std::array<std::string_view, 4> kWords = {"", "safe", "unsafe", "unknown"};
  if (std::ranges::find(kWords, word) != kWords.end()) return absl::OkStatus();
  return Wrong(row, absl::StrCat("\"", word.substr(0, 80), "\" is not safe, unsafe or unknown"));
}

absl::StatusOr<Capability> Named(const v1::ImportedInstance& row, const std::string& name) {
  if (const auto capability = ParseCapability(name)) return *capability;
  return Wrong(row, absl::StrCat("there is no capability \"", name.substr(0, 80), "\""));
}

absl::StatusOr<CapabilitySet> SetOf(const v1::ImportedInstance& row,
                                    const google::protobuf::RepeatedPtrField<std::string>& names) {
  CapabilitySet set;
  for (const std::string& name : names) {
    const auto capability = Named(row, name);
    if (!capability.ok()) return capability.status();
    set.Add(*capability);
  }
  return set;
}

absl::Status TakeNeeds(const v1::ImportedInstance& row, RowImported& event) {
  for (const auto& [name, word] : row.needs()) {
    const auto capability = Named(row, name);
    if (!capability.ok()) return capability.status();
    const auto verdict = ParseVerdict(word);
    if (!verdict || !TraitsOf(*verdict).is_need)
      return Wrong(row, absl::StrCat("\"", word.substr(0, 80), "\" is no verdict of a need"));
    event.needs[CapabilityName(*capability)] = word;
  }
  return absl::OkStatus();
}

absl::Status TakeSets(const v1::ImportedInstance& row, RowImported& event) {
  if (absl::Status status = TakeNeeds(row, event); !status.ok()) return status;
  const auto unknown = SetOf(row, row.unknown());
  const auto unneeded = SetOf(row, row.unneeded());
  const auto denied = SetOf(row, row.denied());
  for (const auto* set : {&unknown, &unneeded, &denied})
    if (!set->ok()) return set->status();
  event.unknown = *unknown;
  event.unneeded = *unneeded - *unknown;
  event.denied = *denied;
  return absl::OkStatus();
}

absl::StatusOr<RowImported> RowOf(const v1::ImportedInstance& row) {
  for (const absl::Status& status : {CheckTexts(row), CheckAdvice(row, row.no_new_privileges()),
                                     CheckAdvice(row, row.non_root())})
    if (!status.ok()) return status;
  RowImported event;
  event.workload = row.workload();
  event.digest = row.digest();
  event.instance = row.instance();
  event.observed = row.observed_seconds();
  event.stable = row.stable();
  event.declared = row.declared();
  event.starts = row.starts();
  event.lost = row.lost();
  event.no_new_privileges = row.no_new_privileges();
  event.non_root = row.non_root();
  event.surroundings = {row.surroundings().begin(), row.surroundings().end()};
  if (absl::Status status = TakeSets(row, event); !status.ok()) return status;
  return event;
}

}  // namespace

absl::StatusOr<std::vector<RowImported>> RowsOf(const v1::ImportProfilesRequest& request) {
  if (request.rows().empty()) return absl::InvalidArgumentError("the request imports nothing");
  if (request.rows_size() > kMaxRowsOfImport)
    return absl::InvalidArgumentError(absl::StrCat(
        "import ", request.rows_size(), " instances: a request takes at most ", kMaxRowsOfImport));
  std::vector<RowImported> events;
  for (const v1::ImportedInstance& row : request.rows()) {
    absl::StatusOr<RowImported> event = RowOf(row);
    if (!event.ok()) return event.status();
    event->file = request.file().substr(0, kMaxFileNameBytes);
    events.push_back(*std::move(event));
  }
  return events;
}

absl::Status CheckCluster(const v1::ImportProfilesRequest& request, const std::string& own) {
  if (request.any_cluster()) return absl::OkStatus();
  for (const v1::ImportedInstance& row : request.rows())
    if (!row.cluster().empty() && row.cluster() != own)
      return absl::InvalidArgumentError(
          absl::StrCat("import ", row.workload().substr(0, 80), ": its profile is of cluster \"",
                       row.cluster().substr(0, 80), "\", and this capmond ",
                       own.empty() ? std::string("was started without --cluster")
                                   : absl::StrCat("is in \"", own, "\""),
                       "; with --any-cluster it is imported all the same"));
  return absl::OkStatus();
}

absl::Status ImportReader::Take(const v1::ImportProfilesRequest& request) {
  if (absl::Status status = CheckCluster(request, cluster_); !status.ok()) return status;
  absl::StatusOr<std::vector<RowImported>> rows = RowsOf(request);
  if (!rows.ok()) return rows.status();
  if (requests_++ == 0) expected_ = request.rows_in_all();
  bytes_ += request.ByteSizeLong();
  if (rows_.size() + rows->size() > kMaxImportedRows || bytes_ > kMaxBytesOfImport)
    return absl::InvalidArgumentError(absl::StrCat("an import has at most ", kMaxImportedRows,
                                                   " instances and ", kMaxBytesOfImport >> 20,
                                                   " MiB; import the files one by one"));
  std::ranges::move(*rows, std::back_inserter(rows_));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RowImported>> ImportReader::Finish() {
  if (requests_ == 0) return absl::InvalidArgumentError("the request imports nothing");
  const bool whole = expected_ == 0 ? requests_ == 1 : expected_ == rows_.size();
  if (!whole)
    return absl::AbortedError(absl::StrCat("only ", rows_.size(), " of ", expected_,
                                           " instances arrived, and nothing was imported"));
  return std::move(rows_);
}

absl::Status CheckRoom(const ImportedRows& known, const std::vector<RowImported>& rows) {
  std::set<ImportedKey> fresh;
  std::map<std::string, size_t> of_one;
  for (const RowImported& row : rows) {
    ImportedKey key{row.workload, row.digest, row.instance};
    const auto [count, first] = of_one.try_emplace(row.workload);
    if (first) count->second = CountOf(known, row.workload);
    if (known.contains(key) || !fresh.insert(std::move(key)).second) continue;
    if (++count->second > kMaxImportedRowsOfOne || known.size() + fresh.size() > kMaxImportedRows)
      return absl::ResourceExhaustedError(
          absl::StrCat("import ", row.workload, ": capmond stores ", kMaxImportedRows,
                       " imported instances, ", kMaxImportedRowsOfOne,
                       " of one workload, and nothing of this was imported; remove some "
                       "with capmon reset --imported"));
  }
  return absl::OkStatus();
}

}  // namespace capmon
