// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/kernel_side.h"

#include <sys/utsname.h>

#include <algorithm>
#include <utility>

#include "daemon/base/wall_clock.h"
#include "daemon/collector/record_decoder.h"

namespace capmon {
namespace {

const capmon_check_record* AsCheck(const void* data, size_t size) {
  const Record record = ParseRecord(data, size);
  const auto* const check = std::get_if<const capmon_check_record*>(&record);
  return check == nullptr ? nullptr : *check;
}

std::string KernelRelease() {
  utsname name{};
  uname(&name);
  return name.release;
}

}  // namespace

KernelSide::KernelSide() : namer_([this](uint64_t address) { return symbols_->Name(address); }) {}

absl::StatusOr<std::unique_ptr<KernelSide>> KernelSide::Open(const CgroupHierarchy& hierarchy,
                                                             const std::string& backend,
                                                             const KernelPrograms::Sizes& sizes,
                                                             const PinnedGeneration* pinned) {
  std::unique_ptr<KernelSide> side(new KernelSide());
  auto programs = pinned != nullptr ? KernelPrograms::Adopt(hierarchy, backend, sizes, *pinned)
                                    : KernelPrograms::Load(hierarchy, backend, sizes);
  if (!programs.ok()) return programs.status();
  side->programs_ = *std::move(programs);
  KernelPrograms& loaded = *side->programs_;
  auto ring = RingReader::Open(loaded.ring_fd(), loaded.ring_size());
  if (!ring.ok()) return ring.status();
  side->ring_ = *std::move(ring);
  side->position_ = side->ring_->released();
  side->checks_ = std::make_unique<CheckMap>(loaded.checks_fd(), loaded.max_checks());
  side->symbols_ = std::make_unique<KernelSymbols>(
      [&loaded](uint64_t address) { return loaded.Symbolize(address); });
  if (pinned != nullptr) side->layout_.Restore(loaded.settings().layout, loaded.frames());
  return side;
}

// For the time of the test our own checks are recorded instead of left out. What else is in the
// ring stays there.
absl::Status KernelSide::SelfTest() {
  capmon_settings& settings = programs_->settings();
  own_pid_ = std::exchange(settings.own_tgid, 0);
  settings.probed_tgid = own_pid_;
  uint64_t seen = ring_->end();
  auto result = RunSelfTest([&](const RecordVisitor& visit) {
    seen = ring_->Read(seen, [&](const void* data, size_t size) {
      const capmon_check_record* const check = AsCheck(data, size);
      if (check == nullptr || check->header.pid != own_pid_) return;
      LearnStack(*check);
      visit(*check);
    });
  });
  settings.own_tgid = own_pid_;
  settings.probed_tgid = 0;
  self_tested_until_ = static_cast<uint64_t>(SteadyClock());
  if (result.ok()) blind_spots_ = std::move(result->blind_spots);
  return result.status();
}

SourceStarted KernelSide::Started(TimeNs now, const std::string& cgroup_layout) const {
  SourceStarted started{now,
                        programs_->backend(),
                        KernelRelease(),
                        cgroup_layout,
                        programs_->watches_outcomes(),
                        blind_spots_,
                        programs_->awaits_ends()};
  if (programs_->backend() == "tp_btf")
    started.blind_spots.push_back(
        "the tracepoint does not carry the audit option: checks are judged by their call site "
        "alone");
  if (!programs_->sees_credential_changes())
    started.blind_spots.push_back(
        "this kernel does not show credentials before an exec: gains through set-user-ID programs "
        "are inferred");
  return started;
}

void KernelSide::LearnStack(const capmon_check_record& record) {
  if (!namer_.LearnStack(record, layout_)) return;
  // Hidden while it changes: a check in between goes the slow way once.
  capmon_settings& settings = programs_->settings();
  settings.layout.known = 0;
  const std::vector<capmon_frame> table = layout_.table();
  std::copy(table.begin(), table.end(), programs_->frames().begin());
  settings.layout = layout_.layout();
}

void KernelSide::ReadRing(const RingReader::Visitor& visit) {
  position_ = ring_->Read(position_, [&](const void* data, size_t size) {
    const capmon_check_record* const check = AsCheck(data, size);
    const bool self_test = check != nullptr && check->header.pid == own_pid_ &&
                           check->header.time_ns <= self_tested_until_;
    if (!self_test) visit(data, size);
  });
}

CounterTotals KernelSide::ReadTotals(const RingReader::Visitor& visit,
                                     const std::function<void()>& before_counters) {
  return ReadBetween(visit, [&](CounterTotals& totals) {
    before_counters();
    totals.status = checks_->ForEach(
        [&](const auto& key, const auto& total) { totals.checks.emplace_back(key, total); });
    auto owners = ReadOwners(programs_->owners_fd());
    totals.status.Update(owners.status());
    if (owners.ok()) totals.owners = *std::move(owners);
  });
}

CounterTotals KernelSide::ReadTotalsOf(const std::set<CgroupId>& owners,
                                       const RingReader::Visitor& visit,
                                       const std::function<std::vector<capmon_check_key>()>& keys) {
  return ReadBetween(visit, [&](CounterTotals& totals) {
    totals.whole = false;
    totals.status = checks_->ForSome(keys(), [&](const auto& key, const auto& total) {
      totals.checks.emplace_back(key, total);
    });
    auto used = ReadOwners(programs_->owners_fd(), owners);
    totals.status.Update(used.status());
    if (used.ok()) totals.owners = *std::move(used);
  });
}

// Records are written before their check is counted, so all that explains the counters is in the
// ring once they are read; some of it may still be under way for a moment.
CounterTotals KernelSide::ReadBetween(const RingReader::Visitor& visit,
                                      const std::function<void(CounterTotals&)>& read) {
  constexpr int kMaxRounds = 8;
  CounterTotals totals;
  ReadRing(visit);
  read(totals);
  totals.missed_runs = programs_->MissedRuns();
  const uint64_t end = ring_->end();
  for (int round = 0; round < kMaxRounds && position_ < end; ++round) ReadRing(visit);
  return totals;
}

void KernelSide::SkipTo(uint64_t position) {
  if (position <= ring_->end()) position_ = std::max(position_, position);
}

void KernelSide::ReleaseRing() {
  ring_->Release(position_);
  ++programs_->settings().epoch;
}

void KernelSide::Free(const CounterDelivery::Forgettable& forgettable) {
  for (const auto& [key, owner] : forgettable.counters) programs_->Free(key, owner);
  freed_ += forgettable.counters.size();
  for (const CgroupId cgroup : forgettable.cgroups) programs_->FreeOwner(cgroup);
}

MapUsage KernelSide::Usage(const CounterTotals& totals) const {
  constexpr size_t kLargest = 5;
  MapUsage usage{0, programs_->used_checks(), programs_->max_checks(), freed_, {}};
  auto owners = totals.owners;
  const size_t shown = std::min(kLargest, owners.size());
  std::partial_sort(owners.begin(), owners.begin() + static_cast<ptrdiff_t>(shown), owners.end(),
                    [](const auto& a, const auto& b) { return a.second.keys > b.second.keys; });
  for (size_t i = 0; i < shown; ++i)
    if (owners[i].second.keys > 0)
      usage.largest[std::to_string(owners[i].first)] = std::to_string(owners[i].second.keys);
  return usage;
}

}  // namespace capmon
