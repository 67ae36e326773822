// SPDX-License-Identifier: Apache-2.0
// What people imported from profile files. It has no part in what is normal for alerts.
#include <iterator>
#include <utility>

#include "daemon/monitor.h"

namespace capmon {
namespace {

Advice AdviceNamed(const std::string& name) {
  for (const Advice advice : {Advice::kSafe, Advice::kUnsafe})
    if (name == Name(advice)) return advice;
  return Advice::kUnknown;
}

ImportedRow RowOf(const RowImported& event, TimeNs now) {
  ImportedRow row;
  row.observed = event.observed;
  row.stable = event.stable;
  row.declared = event.declared;
  row.starts = event.starts;
  row.lost = event.lost;
  row.no_new_privileges = AdviceNamed(event.no_new_privileges);
  row.non_root = AdviceNamed(event.non_root);
  for (const auto& [name, verdict] : event.needs)
    if (const auto capability = ParseCapability(name))
      row.needs[*capability] = ParseVerdict(verdict).value_or(Verdict::kRequired);
  row.unknown = event.unknown;
  row.unneeded = event.unneeded;
  row.denied = event.denied;
  for (const auto& fact : event.surroundings)
    if (row.surroundings.size() < ImportedRow::kMaxSurroundings) row.surroundings.insert(fact);
  KeepStrongest(row);
  row.file = event.file;
  row.by = event.by;
  row.at = now;
  return row;
}

}  // namespace

std::shared_ptr<const ImportedRows> Monitor::Imported() const {
  imported_shared_ = true;
  return imported_;
}

// A reader may hold them: copied before a change.
ImportedRows& Monitor::EditImported() {
  if (std::exchange(imported_shared_, false))
    imported_ = std::make_shared<ImportedRows>(*imported_);
  return *imported_;
}

size_t Monitor::ImportedRowsOf(const std::string& workload) const {
  return CountOf(*imported_, workload);
}

bool Monitor::HasRoomFor(const ImportedKey& key) const {
  return imported_->contains(key) || (imported_->size() < kMaxImportedRows &&
                                      CountOf(*imported_, key.workload) < kMaxImportedRowsOfOne);
}

void Monitor::On(const RowImported& imported) {
  ImportedRows& rows = EditImported();
  if (imported.removed) {
    for (auto row = rows.lower_bound({imported.workload, "", ""});
         row != rows.end() && row->first.workload == imported.workload; row = rows.erase(row))
      book_.NoteImported(row->first, std::nullopt);
    return;
  }
  const ImportedKey key{imported.workload, imported.digest, imported.instance};
  if (!HasRoomFor(key)) {
    ++dropped_imports_;
    return;
  }
  const auto [known, fresh] = rows.try_emplace(key);
  ImportedRow row = RowOf(imported, now_);
  if (fresh)
    known->second = std::move(row);
  else if (!Unite(row, known->second))
    return;
  book_.NoteImported(key, known->second);
}

}  // namespace capmon
