// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/counter_ledger.h"

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

// Losses of an owner are kept in a cursor beside the counters, as "loss:OWNER:CAUSE".
constexpr char kLossPrefix[] = "loss:";

std::string LossName(CgroupId owner, size_t cause) {
  return absl::StrCat(kLossPrefix, owner, ":", kLossNames[cause]);
}

bool ParseLossName(std::string_view name, CgroupId& owner, size_t& cause) {
  if (!name.starts_with(kLossPrefix)) return false;
  name.remove_prefix(std::strlen(kLossPrefix));
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), owner);
  if (error != std::errc() || end == name.data() + name.size() || *end != ':') return false;
  name.remove_prefix(static_cast<size_t>(end - name.data()) + 1);
  for (cause = 0; cause < kLossNames.size(); ++cause)
    if (name == kLossNames[cause]) return true;
  return false;
}

}  // namespace

std::string CounterName(const capmon_check_key& key) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(&key), sizeof(key)});
}

bool ParseCounterName(const std::string& name, capmon_check_key& key) {
  if (name.size() != 2 * sizeof(key) ||
      name.find_first_not_of("0123456789abcdef") != std::string::npos)
    return false;
  const std::string bytes = absl::HexStringToBytes(name);
  std::memcpy(&key, bytes.data(), sizeof(key));
  return true;
}

size_t CounterLedger::KeyHash::operator()(const capmon_check_key& key) const {
  return std::hash<std::string_view>{}(
      std::string_view(reinterpret_cast<const char*>(&key), sizeof(key)));
}

bool CounterLedger::KeyEqual::operator()(const capmon_check_key& a,
                                         const capmon_check_key& b) const {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

void CounterLedger::Resume(const CounterCursor& cursor) {
  for (const auto& [name, delivered] : cursor.counters) {
    capmon_check_key key{};
    CgroupId owner = 0;
    size_t cause = 0;
    if (ParseLossName(name, owner, cause)) {
      owner_losses_[owner][cause] = delivered.counts.count;
    } else if (ParseCounterName(name, key)) {
      Counter& counter = Of(key);
      counter.delivered = delivered.counts;
      if (!counter.site_certain) counter.resolved.site = delivered.site;
    }
  }
  losses_ = cursor.losses;
}

CounterLedger::Counter& CounterLedger::Of(const capmon_check_key& key) {
  const auto [entry, fresh] = counters_.try_emplace(key);
  if (fresh) {
    index_.Add(entry->first);
    resolve_(key, entry->second);
  }
  return entry->second;
}

void CounterLedger::SetOwner(const capmon_check_key& key, CgroupId owner) {
  const auto entry = counters_.find(key);
  if (entry == counters_.end()) return;
  entry->second.owner = owner;
  index_.NoteCounted(entry->first, owner);
}

CheckCounts CounterLedger::Advance(const capmon_check_key& key, const CheckCounts& total) {
  Counter& counter = Of(key);
  if (total == counter.delivered) return {};
  if (total.count < counter.delivered.count) counter.delivered = {};  // made anew
  const CheckCounts fresh{total.count - counter.delivered.count,
                          total.succeeded - counter.delivered.succeeded,
                          total.failed - counter.delivered.failed, total.errnos};
  counter.delivered = total;
  Note(key, counter);
  return fresh;
}

std::vector<CounterLedger::Lost> CounterLedger::AdvanceLosses(CgroupId owner,
                                                              const capmon_owner& totals) {
  std::vector<Lost> lost;
  for (size_t cause = 0; cause < kLossNames.size(); ++cause) {
    if (totals.losses[cause] == 0) continue;
    uint64_t& known = owner_losses_[owner][cause];
    if (totals.losses[cause] < known) known = 0;  // the owner's entry was made anew
    if (totals.losses[cause] == known) continue;
    lost.push_back({kLossNames[cause], owner, totals.losses[cause] - known});
    known = totals.losses[cause];
  }
  if (!lost.empty()) NoteLosses(owner, owner_losses_[owner]);
  return lost;
}

uint64_t CounterLedger::AdvanceLoss(const std::string& cause, uint64_t total) {
  uint64_t& known = losses_[cause];
  const uint64_t before = std::exchange(known, total);
  if (before != total && generation_ != 0) cursor_.cursor.losses[cause] = total;
  return total > before ? total - before : 0;
}

bool CounterLedger::LostRecords(CgroupId owner, const capmon_owner& totals) const {
  const auto known = owner_losses_.find(owner);
  const uint64_t before = known == owner_losses_.end() ? 0 : known->second[CAPMON_LOSS_RING_CHECK];
  return totals.losses[CAPMON_LOSS_RING_CHECK] != before;
}

uint64_t CounterLedger::AdvanceReads(CgroupId owner, uint64_t total, bool pass_over) {
  if (total == 0) return 0;
  const uint64_t before = std::exchange(reads_[owner], total);
  if (pass_over) return 0;
  return total < before ? total : total - before;  // less: the owner's entry was made anew
}

void CounterLedger::PassOverLosses(CgroupId owner, const capmon_owner& totals) {
  for (size_t cause = 0; cause < kLossNames.size(); ++cause)
    if (totals.losses[cause] != 0) owner_losses_[owner][cause] = totals.losses[cause];
}

void CounterLedger::PassOverLoss(const std::string& cause, uint64_t total) {
  losses_[cause] = total;
}

void CounterLedger::Free(const std::set<CgroupId>& cgroups, const Freed& freed) {
  for (const CgroupId cgroup : cgroups) {
    for (const capmon_check_key* const key : index_.Remove(cgroup)) {
      const auto entry = counters_.find(*key);
      freed(entry->first, entry->second);
      if (generation_ != 0) {
        cursor_.freed.push_back(CounterName(entry->first));
        cursor_.cursor.counters.erase(cursor_.freed.back());
      }
      counters_.erase(entry);
    }
  }
}

void CounterLedger::FreeOwner(CgroupId owner) {
  reads_.erase(owner);
  const auto found = owner_losses_.find(owner);
  if (found == owner_losses_.end()) return;
  for (size_t cause = 0; cause < kLossNames.size() && generation_ != 0; ++cause)
    if (found->second[cause] != 0) cursor_.freed.push_back(LossName(owner, cause));
  owner_losses_.erase(found);
}

void CounterLedger::Note(const capmon_check_key& key, const Counter& counter) {
  if (generation_ == 0) return;
  cursor_.cursor.counters[CounterName(key)] = {counter.delivered, counter.resolved.site};
}

void CounterLedger::NoteLosses(CgroupId owner, const Losses& losses) {
  if (generation_ == 0) return;
  for (size_t cause = 0; cause < losses.size(); ++cause)
    if (losses[cause] != 0)
      cursor_.cursor.counters[LossName(owner, cause)] = {{losses[cause], 0, 0, 0}, ""};
}

CursorChanges CounterLedger::DrainCursor(uint64_t ring_position) {
  if (cursor_.whole) {
    for (const auto& [key, counter] : counters_)
      if (counter.delivered != CheckCounts()) Note(key, counter);
    for (const auto& [owner, losses] : owner_losses_) NoteLosses(owner, losses);
    cursor_.cursor.losses = losses_;
  }
  CursorChanges changes = std::exchange(cursor_, {});
  changes.cursor.generation = generation_;
  changes.cursor.ring_position = ring_position;
  return changes;
}

void CounterLedger::Rollback() {
  cursor_ = {};
  cursor_.whole = true;
}

}  // namespace capmon
