// SPDX-License-Identifier: Apache-2.0
// What instances elsewhere showed, by profile files that people imported: a row for each instance,
// never a sum of rows. Pure.
#pragma once

#include <compare>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "daemon/profile/seen_here.h"
#include "daemon/profile/verdict.h"

namespace capmon {

// Which row: importing another one of the same instance adds to it.
struct ImportedKey {
  std::string workload;  // as Print() spells it
  std::string digest;    // of the image; "" not known
  std::string instance;  // its id and start in the file

  friend auto operator<=>(const ImportedKey&, const ImportedKey&) = default;
};

struct ImportedRow {
  int64_t observed = 0;  // seconds
  bool stable = false;
  bool declared = false;  // needs that a person wrote into the file; no instance
  uint64_t starts = 0;
  uint64_t lost = 0;
  Advice no_new_privileges = Advice::kUnknown;
  Advice non_root = Advice::kUnknown;
  std::map<Capability, Verdict> needs;
  CapabilitySet unknown;
  CapabilitySet unneeded;
  CapabilitySet denied;
  std::map<std::string, std::string> surroundings;  // bounded by kMaxSurroundings
  std::string file;                                 // as the client says
  std::string by;
  TimeNs at = 0;

  static constexpr size_t kMaxSurroundings = 16;
  // Of seconds, starts and losses: the sum of all rows has room in 64 bits.
  static constexpr uint64_t kMaxCount = 1'000'000'000'000;

  friend bool operator==(const ImportedRow&, const ImportedRow&) = default;
};

using ImportedRows = std::map<ImportedKey, ImportedRow>;
using ImportedEntry = ImportedRows::value_type;
inline constexpr size_t kMaxImportedRows = 20'000;
inline constexpr size_t kMaxImportedRowsOfOne = 256;  // of one workload

// Returns the rows of a workload that may be of this image: of it, or where either is not known.
std::vector<const ImportedEntry*> RowsFor(const ImportedRows& all, const std::string& workload,
                                          const std::string& digest);

// Returns the number of rows of a workload, of all images.
size_t CountOf(const ImportedRows& all, const std::string& workload);

// Adds what another row says of the same instance. What either needed, was denied or may need
// stays, however long each was observed: evidence may have been deleted in between, and a file may
// have been edited. In any order and any number of times the result is the same, apart from `file`,
// `by` and `at`, which are those of the last row that added something. Returns whether it did.
bool Unite(const ImportedRow& row, ImportedRow& into);

// Leaves each capability where it means most: a need, before unknown, denied and unneeded.
void KeepStrongest(ImportedRow& row);

// Adds to the judgement on `instances`, of which there may be none. A need of one is a need of all;
// what is unknown in one and needed in none is unknown. Nothing is unneeded by a row alone, except
// where there are no instances. Rows of one instance, with and without its image, count once; one
// that was seen here is none more: it can only add what its evidence here does not have any more.
void AddImported(std::span<const ImportedEntry* const> rows, std::span<const Profile> instances,
                 const SeenHere& seen, const JudgeOptions& options, Judgement& judgement);

}  // namespace capmon
