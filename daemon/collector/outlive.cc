// SPDX-License-Identifier: Apache-2.0
// What of the live kernel outlives this process, and what an earlier one left: BpfSource's part.
#include <absl/random/random.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

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
  for (const auto& [name, delivered] : cursor.counters) {
    capmon_check_key key{};
    if (!ParseCounterName(name, key)) continue;
    KeyState& state = StateOf(key);
    state.delivered = delivered.counts;
    if (!state.site_certain) state.resolved.site = delivered.site;
    living_.insert(key.cgroup_id);
  }
  losses_delivered_ = cursor.losses;
  if (cursor.ring_position <= ring_->end()) position_ = std::max(position_, cursor.ring_position);
}

void BpfSource::PassOver(uint64_t generation) {
  if (adopted_ && generation == generation_) {
    pass_over_ = true;
    position_ = ring_->end();
    const std::vector<uint64_t> losses = ReadLosses(programs_->losses_fd());
    for (size_t cause = 0; cause < losses.size(); ++cause)
      losses_delivered_[kLossNames[cause]] = losses[cause];
    losses_delivered_["recursion"] = programs_->MissedRuns();
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
  // Counters of cgroups nobody remembers are to be freed as well.
  if (adopted_)
    (void)checks_->ForEach([this](const capmon_check_key& key, const capmon_check_counts&) {
      living_.insert(key.cgroup_id);
    });
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
    if (const auto* made = std::get_if<CgroupMade>(&event)) there.insert(made->cgroup);
    sink(event);
  });
  const UniqueFd mount(::open(options_.roots.cgroup_mount.c_str(), O_RDONLY | O_CLOEXEC));
  for (const CgroupId cgroup : std::exchange(living_, there)) {
    if (cgroup == 0 || there.contains(cgroup)) continue;
    if (!IsGone(mount.get(), cgroup, whole))
      living_.insert(cgroup);
    else if (removed_.insert(cgroup).second)
      sink(CgroupRemoved{now, cgroup});
  }
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
    KeyState& state = StateOf(key);
    if (state.resolved.site.empty()) state.resolved.site = before.site;
    sink(
        ChecksCounted{WallClock(),
                      state.resolved,
                      {total.count - before.counts.count, total.succeeded - before.counts.succeeded,
                       total.failed - before.counts.failed, total.errnos}});
  }
  for (size_t cause = 0; cause < inheritance.losses.size(); ++cause) {
    const std::string name = kLossNames[cause];
    const auto found = known.losses.find(name);
    DeliverLoss(name, inheritance.losses[cause], found == known.losses.end() ? 0 : found->second,
                sink);
  }
}

void BpfSource::NoteCursor(const capmon_check_key& key, const KeyState& state) {
  if (pinned()) cursor_.cursor.counters[CounterName(key)] = {state.delivered, state.resolved.site};
}

CursorChanges BpfSource::TakeCursor() {
  if (cursor_.whole) {
    for (const auto& [key, state] : keys_)
      if (state.delivered != CheckCounts()) NoteCursor(key, state);
    cursor_.cursor.losses = losses_delivered_;
  }
  freeing_.merge(removed_);
  removed_.clear();
  CursorChanges changes = std::exchange(cursor_, {});
  changes.cursor.generation = generation_;
  changes.cursor.ring_position = position_;
  return changes;
}

void BpfSource::PutBack() {
  cursor_ = {};
  cursor_.whole = true;
}

void BpfSource::Kept() {
  ring_->Release(position_);
  for (const Inheritance& inheritance : inherited_) PinDirectory::Remove(inheritance.folder);
  inherited_.clear();
  cursors_.clear();
  if (freeing_.empty()) return;
  std::erase_if(keys_, [this](const auto& entry) {
    if (!freeing_.contains(entry.first.cgroup_id)) return false;
    checks_->Delete(entry.first);
    if (pinned()) cursor_.freed.push_back(CounterName(entry.first));
    return true;
  });
  for (const CgroupId cgroup : freeing_) surroundings_.erase(cgroup);
  freeing_.clear();
}

}  // namespace capmon
