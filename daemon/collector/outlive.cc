// SPDX-License-Identifier: Apache-2.0
// What of the live kernel outlives this process, and what an earlier one left: BpfSource's part.
#include <absl/random/random.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "daemon/attribution/cgroup_mounts.h"
#include "daemon/base/wall_clock.h"
#include "daemon/collector/bpf_source.h"

namespace capmon {
namespace {

uint64_t RandomId() {
  absl::BitGen random;
  return absl::Uniform<uint64_t>(absl::IntervalClosed, random, 1, INT64_MAX);
}

// Of a cgroup that a walk did not find: it may be too deep for one, or outside of what is mounted
// here. Where the kernel cannot be asked, a whole walk decides.
bool IsGone(int mount, CgroupId cgroup, bool whole) {
  const absl::Status status = PathOfCgroupId(mount, cgroup).status();
  if (status.ok() || absl::IsOutOfRange(status)) return false;
  return whole || absl::IsNotFound(status);
}

}  // namespace

std::unique_ptr<BpfSource> BpfSource::Adopt(const Options& options) {
  if (options.pins == nullptr) return nullptr;
  for (const PinnedGeneration& pinned : options.pins->Generations()) {
    if (pinned.about.layout_version != CAPMON_LAYOUT_VERSION) continue;
    for (const std::string& backend : KernelPrograms::BackEnds()) {
      if (!options.backend.empty() && options.backend != backend) continue;
      if (pinned.about.likeness !=
          KernelPrograms::Likeness(options.hierarchy, backend, options.sizes))
        continue;
      std::unique_ptr<BpfSource> source(new BpfSource(options));
      if (source->Start(backend, &pinned).ok()) return source;
    }
  }
  return nullptr;
}

// Called when our own programs count already: what the others count from now on is counted twice,
// and passed over.
void BpfSource::TakeInheritances() {
  bool lost = false;
  for (const PinnedGeneration& pinned : options_.pins->Generations()) {
    if (pinned.about.id == generation_) continue;
    if (pinned.about.layout_version != CAPMON_LAYOUT_VERSION) {
      remarks_.push_back(fmt::format(
          "an earlier capmond's counters have layout {}, and this one reads {}: what they counted "
          "last is lost",
          pinned.about.layout_version, CAPMON_LAYOUT_VERSION));
    } else if (absl::StatusOr<Inheritance> taken = Inheritance::Take(pinned); taken.ok()) {
      inherited_.push_back(*std::move(taken));
      unbroken_ = true;
      continue;
    } else {
      remarks_.push_back(
          fmt::format("an earlier capmond's counters cannot be read, and what they "
                      "counted last is lost: {}",
                      std::string(taken.status().message())));
    }
    lost = true;
    Inheritance& useless = inherited_.emplace_back();
    useless.folder = pinned.folder;
  }
  if (lost && !adopted_) unbroken_ = false;
}

// The programs have proven themselves: they stay, and those before them go.
void BpfSource::Pin() {
  if (!adopted_) {
    const capmon_generation about = {
        CAPMON_LAYOUT_VERSION, 0,
        KernelPrograms::Likeness(options_.hierarchy, programs_->backend(), options_.sizes),
        RandomId(), made_};
    absl::StatusOr<std::string> folder = options_.pins->Begin(about.id);
    absl::Status status = folder.status();
    if (status.ok()) status = programs_->Pin(*folder);
    if (status.ok()) status = options_.pins->Finish(*folder, about);
    if (status.ok()) {
      generation_ = about.id;
      ledger_.Persist(generation_);
    } else {
      remarks_.push_back(std::string(status.message()));
      if (folder.ok()) PinDirectory::Remove(*folder);
    }
  }
  for (const Inheritance& inheritance : inherited_) PinDirectory::Detach(inheritance.folder);
}

std::vector<BpfSource::Inherited> BpfSource::InheritedOnes() const {
  std::vector<Inherited> ones;
  if (adopted_) ones.push_back({generation_, made_});
  for (const Inheritance& inheritance : inherited_)
    if (inheritance.ring) ones.push_back({inheritance.generation, inheritance.made});
  return ones;
}

void BpfSource::Resume(const CounterCursor& cursor) {
  if (!adopted_ || cursor.generation != generation_) {
    cursors_[cursor.generation] = cursor;
    return;
  }
  ledger_.Resume(cursor);
  if (cursor.ring_position <= ring_->end()) position_ = std::max(position_, cursor.ring_position);
}

void BpfSource::PassOver(uint64_t generation) {
  if (adopted_ && generation == generation_) {
    pass_over_ = true;
    position_ = ring_->end();
    if (const auto owners = ReadOwners(programs_->owners_fd()); owners.ok())
      for (const auto& [owner, totals] : *owners) ledger_.PassOverLosses(owner, totals);
    ledger_.PassOverLoss("recursion", programs_->MissedRuns());
  } else {
    passed_over_.insert(generation);
  }
}

// In the order in which it happened: what an earlier generation saw, what the adopted ring holds,
// what is there now.
void BpfSource::TakeOver(const KernelEventSink& sink) {
  for (const Inheritance& inheritance : inherited_)
    if (inheritance.ring && !passed_over_.contains(inheritance.generation))
      Deliver(inheritance, sink);
  if (adopted_) ReadRing();
  LookAround(sink);
}

// What the ring did not tell, or nobody read: who is there, and who is not any more.
void BpfSource::LookAround(const KernelEventSink& sink) {
  constexpr TimeNs kPause = 5'000'000'000;  // whoever overflows the ring shall not keep us busy
  untold_ = false;
  look_after_ = SteadyClock() + kPause;
  std::set<CgroupId> there;
  const TimeNs now = WallClock();
  const bool whole = ScanHost(options_.roots, now, [&](const KernelEvent& event) {
    const auto* made = std::get_if<CgroupMade>(&event);
    if (made == nullptr) return sink(event);
    there.insert(made->cgroup);
    ReportMade(now, made->cgroup, made->path, true);
  });
  for (const CgroupId cgroup : live_.Rescanned(there)) {
    if (cgroup == 0) continue;
    if (!IsGone(cgroup_mount_.get(), cgroup, whole))
      live_.Made(cgroup);
    else if (live_.Removed(cgroup))
      sink(CgroupRemoved{now, cgroup});
  }
}

// No counter outlives its cgroup, whatever records were lost: those that no record was about are
// looked up at once, and the others in turn.
void BpfSource::LookUp(const std::set<CgroupId>& counted, const KernelEventSink& sink) {
  constexpr size_t kAtOnce = 1024;
  const TimeNs now = WallClock();
  for (const CgroupId cgroup : live_.Suspects(counted, kAtOnce)) {
    const absl::StatusOr<std::string> path = PathOfCgroupId(cgroup_mount_.get(), cgroup);
    if (absl::IsNotFound(path.status())) {
      if (live_.Removed(cgroup)) sink(CgroupRemoved{now, cgroup});
    } else if (live_.Knows(cgroup)) {
      continue;
    } else if (path.ok()) {
      ReportMade(now, cgroup, *path, true);
    } else if (absl::IsOutOfRange(path.status())) {
      live_.Made(cgroup);  // it lives where this mount does not show it
    } else {
      untold_ = true;  // ids may not be looked up: only a scan tells
    }
  }
}

void BpfSource::Expect(const std::set<CgroupId>& cgroups) {
  for (const CgroupId cgroup : cgroups) live_.Made(cgroup);
}

void BpfSource::MarkGroup(CgroupId cgroup, bool group) {
  if (group ? groups_.insert(cgroup).second : groups_.erase(cgroup) > 0)
    programs_->MarkGroup(cgroup, group);
}

void BpfSource::SetGroups(const std::set<CgroupId>& groups) {
  std::vector<CgroupId> former;
  std::ranges::set_difference(groups_, groups, std::back_inserter(former));
  for (const CgroupId cgroup : former) MarkGroup(cgroup, false);
  for (const CgroupId cgroup : groups) MarkGroup(cgroup, true);
}

void BpfSource::Deliver(const Inheritance& inheritance, const KernelEventSink& sink) {
  const CounterCursor known = cursors_[inheritance.generation];
  const uint64_t begin = inheritance.ring->released();
  inheritance.ring->Read(std::max(begin, std::min(known.ring_position, inheritance.ring->end())),
                         [this](const void* data, size_t size) { Dispatch(data, size); });
  for (const auto& [key, total] : inheritance.counters) {
    CounterCursor::Delivered before;
    if (const auto found = known.counters.find(CounterName(key)); found != known.counters.end())
      before = found->second;
    if (total.count <= before.counts.count) continue;
    CounterLedger::Counter& state = ledger_.Of(key);
    if (state.resolved.site.empty()) state.resolved.site = before.site;
    sink(
        ChecksCounted{WallClock(),
                      state.resolved,
                      {total.count - before.counts.count, total.succeeded - before.counts.succeeded,
                       total.failed - before.counts.failed, total.errnos},
                      unread_since_});
  }
  CounterLedger before([](const capmon_check_key&, CounterLedger::Counter&) {});
  before.Resume(known);
  for (const auto& [owner, totals] : inheritance.owners)
    for (const CounterLedger::Lost& lost : before.AdvanceLosses(owner, totals))
      sink(EvidenceLost{WallClock(), lost.cause, lost.owner, lost.count});
}

CursorChanges BpfSource::TakeCursor() {
  live_.Taken();
  return ledger_.TakeCursor(position_);
}

void BpfSource::PutBack() { ledger_.PutBack(); }

void BpfSource::Kept() {
  ring_->Release(position_);
  ++programs_->settings().epoch;
  for (const Inheritance& inheritance : inherited_) PinDirectory::Remove(inheritance.folder);
  inherited_.clear();
  cursors_.clear();
  const std::set<CgroupId> gone = live_.Persisted();
  ledger_.Free(gone, [this](const capmon_check_key& key, const CounterLedger::Counter& counter) {
    programs_->Free(key, counter.owner);
    ++freed_;
  });
  for (const CgroupId cgroup : gone) {
    surroundings_.erase(cgroup);
    ledger_.FreeOwner(cgroup);
    programs_->FreeOwner(cgroup);
  }
}

}  // namespace capmon
