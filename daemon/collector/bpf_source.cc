// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/bpf_source.h"

#include <algorithm>
#include <utility>

#include "daemon/base/wall_clock.h"
#include "daemon/collector/backend_choice.h"

namespace capmon {
namespace {

constexpr size_t kMaxSurroundings = 8192;  // forgotten ones are only emitted again

}  // namespace

BpfSource::BpfSource(Options options)
    : options_(std::move(options)),
      delivery_([this](const capmon_check_key& key, CounterLedger::Counter& counter) {
        kernel_->namer().Resolve(key, counter);
      }),
      host_(options_.roots, delivery_.cgroups(),
            [this](CgroupId cgroup, std::optional<capmon_place> place) {
              kernel_->programs().Mark(cgroup, place);
            }),
      generations_(options_.pins) {}

BpfSource::~BpfSource() = default;

absl::StatusOr<std::unique_ptr<BpfSource>> BpfSource::Open(Options options) {
  std::unique_ptr<BpfSource> source = Adopt(options);
  if (source) return source;
  const auto start = [&](const std::string& backend) {
    source.reset(new BpfSource(options));
    return source->Start(backend, nullptr);
  };
  absl::Status status = StartBest(KernelPrograms::BackEnds(), options.backend, start);
  if (!status.ok()) return status;
  return source;
}

std::unique_ptr<BpfSource> BpfSource::Adopt(const Options& options) {
  if (options.pins == nullptr) return nullptr;
  for (const std::string& backend : KernelPrograms::BackEnds()) {
    if (!options.backend.empty() && options.backend != backend) continue;
    const uint64_t fingerprint =
        KernelPrograms::Fingerprint(options.hierarchy, backend, options.sizes);
    for (const PinnedGeneration& pinned : Generations::Interchangeable(*options.pins, fingerprint))
      if (std::unique_ptr<BpfSource> source(new BpfSource(options));
          source->Start(backend, &pinned).ok())
        return source;
  }
  return nullptr;
}

absl::Status BpfSource::Start(const std::string& backend, const PinnedGeneration* pinned) {
  const auto& [hierarchy, layout, roots, only, sizes, pins] = options_;
  auto kernel = KernelSide::Open(hierarchy, backend, sizes, pinned);
  if (!kernel.ok()) return kernel.status();
  kernel_ = *std::move(kernel);
  host_.MarkExisting();
  if (pinned != nullptr)
    generations_.Adopt(*pinned);
  else
    generations_.StartAnew(WallClock());
  generations_.ReadPredecessors();
  if (absl::Status status = kernel_->SelfTest(); !status.ok()) return status;
  generations_.Pin(kernel_->programs(), KernelPrograms::Fingerprint(hierarchy, backend, sizes));
  delivery_.ledger().Persist(generations_.own());
  return absl::OkStatus();
}

absl::Status BpfSource::WatchOutcomes(bool on) {
  if (on == kernel_->programs().watches_outcomes()) return absl::OkStatus();
  announced_ = false;  // profiles say whether outcomes are watched
  const absl::Status status = kernel_->programs().WatchOutcomes(on);
  watch_changed_ = WallClock();
  return status;
}

RecordPlace BpfSource::PlaceOf(const capmon_record_header& header) const {
  return {WallClock() - SteadyClock() + static_cast<TimeNs>(header.time_ns),
          delivery_.Charged(header.cgroup_id, header.owner)};
}

RingReader::Visitor BpfSource::Visitor(const KernelEventSink& sink) {
  return [this, &sink](const void* data, size_t size) { OnRecord(ParseRecord(data, size), sink); };
}

void BpfSource::OnRecord(const Record& record, const KernelEventSink& sink) {
  std::visit(Overloaded{[](std::monostate) {},
                        [&](const capmon_check_record* check) { OnCheck(*check, sink); },
                        [&](const CgroupRecord& cgroup) {
                          host_.OnRecord(cgroup, PlaceOf(*cgroup.header).time, sink);
                        },
                        [&](const ExecRecord& exec) { OnExec(exec, sink); },
                        [&](const auto* other) { sink(Decode(*other, PlaceOf(other->header))); }},
             record);
}

void BpfSource::OnCheck(const capmon_check_record& record, const KernelEventSink& sink) {
  kernel_->LearnStack(record);
  CheckSampled sample = Decode(record, PlaceOf(record.header));
  CounterLedger::Counter& counter = delivery_.ledger().Of(record.key);
  sample.callers = kernel_->namer().Callers(record, counter);
  const CgroupId charged = std::exchange(sample.key, counter.resolved).cgroup;
  sample.key.cgroup = charged;
  sink(sample);
}

void BpfSource::OnExec(const ExecRecord& record, const KernelEventSink& sink) {
  const RecordPlace place = PlaceOf(record.header());
  sink(Decode(record, place));
  const std::optional<SurroundingsSeen> seen = DecodeSurroundings(*record.exec, place);
  if (!seen) return;
  if (surroundings_.size() >= kMaxSurroundings) surroundings_.clear();
  SurroundingsSeen& emitted = surroundings_[seen->cgroup];
  if (emitted.facts == seen->facts) return;
  emitted = *seen;
  sink(*seen);
}

void BpfSource::Announce(const KernelEventSink& sink) {
  if (std::exchange(announced_, true)) return;
  const TimeNs time = watch_changed_ != 0 ? watch_changed_ : WallClock();
  sink(kernel_->Started(time, options_.cgroup_layout));
}

absl::Status BpfSource::Drain(const KernelEventSink& sink) {
  Announce(sink);
  if (!std::exchange(drained_, true)) DrainFirst(sink);
  const CounterTotals totals =
      kernel_->ReadTotals(Visitor(sink), [this] { delivery_.BeforeRead(); });
  if (delivery_.Deliver(totals, WallClock(), sink)) host_.RequestRescan();
  std::set<CgroupId> counted;
  for (const auto& [key, total] : totals.checks) counted.insert(key.cgroup_id);
  for (const auto& [owner, used] : totals.owners) counted.insert(owner);
  host_.LookUp(counted, sink);
  host_.RescanIfNeeded(sink);
  if (MapUsage usage = kernel_->Usage(totals); usage != usage_) {
    usage_ = usage;
    usage.time = WallClock();
    sink(usage);
  }
  sink(Tick{WallClock()});
  return absl::OkStatus();
}

absl::Status BpfSource::DrainOf(const std::set<CgroupId>& cgroups, const KernelEventSink& sink) {
  if (!drained_) return Drain(sink);
  Announce(sink);
  const CounterTotals totals = kernel_->ReadTotalsOf(
      cgroups, Visitor(sink), [&] { return delivery_.ledger().KeysOf(cgroups); });
  // A counter without its record is found only among all.
  for (const auto& [owner, used] : totals.owners)
    if (delivery_.ledger().LostRecords(owner, used)) return Drain(sink);
  if (delivery_.Deliver(totals, WallClock(), sink)) host_.RequestRescan();
  sink(Tick{WallClock()});
  return absl::OkStatus();
}

void BpfSource::DrainUrgent(const KernelEventSink& sink) {
  if (!drained_) return;
  Announce(sink);
  kernel_->ReadRing(Visitor(sink));
}

// In the order in which it happened: what predecessors saw, what the adopted ring holds, what
// exists now.
void BpfSource::DrainFirst(const KernelEventSink& sink) {
  generations_.DeliverPredecessors([&](const Predecessor& predecessor, const CounterCursor& known) {
    const RingReader& ring = *predecessor.ring;
    ring.Read(std::max(ring.released(), std::min(known.ring_position, ring.end())), Visitor(sink));
    delivery_.DeliverPredecessor(predecessor.totals, known, WallClock(), sink);
  });
  if (generations_.adopted())
    kernel_->ReadRing(Visitor(sink));
  else
    delivery_.UnreadSince(0);  // these programs were read from their first check on
  host_.Rescan(sink);
}

void BpfSource::Resume(const CounterCursor& cursor) {
  if (!generations_.adopted() || cursor.generation != generations_.own())
    return generations_.Resume(cursor);
  delivery_.ledger().Resume(cursor);
  kernel_->SkipTo(cursor.ring_position);
}

void BpfSource::PassOver(uint64_t generation) {
  if (!generations_.adopted() || generation != generations_.own())
    return generations_.PassOver(generation);
  kernel_->SkipTo(kernel_->end());
  delivery_.PassOver(kernel_->ReadTotals([](const void*, size_t) {}, [] {}));
}

void BpfSource::Expect(const std::set<CgroupId>& cgroups) {
  for (const CgroupId cgroup : cgroups) delivery_.cgroups().Made(cgroup);
}

void BpfSource::Commit() {
  kernel_->ReleaseRing();
  generations_.RemovePredecessors();
  Free(delivery_.Commit());
}

// Evidence lives in memory alone until it can be written again: predecessors stay, and so do
// counters of removed cgroups while they leave room for others. The ring has none to spare.
void BpfSource::Rollback() {
  kernel_->ReleaseRing();
  const KernelPrograms& programs = kernel_->programs();
  if (programs.used_checks() > programs.max_checks() / 2) Free(delivery_.Commit());
  delivery_.Rollback();
}

void BpfSource::Free(const CounterDelivery::Forgettable& forgettable) {
  kernel_->Free(forgettable);
  for (const CgroupId cgroup : forgettable.cgroups) surroundings_.erase(cgroup);
}

}  // namespace capmon
