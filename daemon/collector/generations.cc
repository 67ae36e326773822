// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/generations.h"

#include <absl/random/random.h>
#include <fmt/format.h>

#include <utility>

namespace capmon {
namespace {

uint64_t RandomId() {
  absl::BitGen random;
  return absl::Uniform<uint64_t>(absl::IntervalClosed, random, 1, INT64_MAX);
}

absl::StatusOr<Predecessor> ReadPredecessor(const PinnedGeneration& pinned) {
  if (pinned.about.layout_version == CAPMON_LAYOUT_VERSION) {
    absl::StatusOr<Predecessor> read = Predecessor::Read(pinned);
    if (read.ok()) return read;
    return absl::DataLossError(fmt::format(
        "the counters of an earlier capmond cannot be read; the checks since its last tick are "
        "lost: {}",
        std::string(read.status().message())));
  }
  return absl::DataLossError(fmt::format(
      "the counters of an earlier capmond have layout {}, and this one reads {}: the checks "
      "since its last tick are lost",
      pinned.about.layout_version, CAPMON_LAYOUT_VERSION));
}

}  // namespace

std::vector<PinnedGeneration> Generations::Interchangeable(const PinDirectory& pins,
                                                           uint64_t fingerprint) {
  std::vector<PinnedGeneration> generations = pins.Generations();
  std::erase_if(generations, [&](const PinnedGeneration& pinned) {
    return pinned.about.layout_version != CAPMON_LAYOUT_VERSION ||
           pinned.about.fingerprint != fingerprint;
  });
  return generations;
}

void Generations::Adopt(const PinnedGeneration& pinned) {
  own_ = pinned.about.id;
  made_ = pinned.about.made;
  adopted_ = unbroken_ = true;
}

void Generations::ReadPredecessors() {
  if (pins_ == nullptr) return;
  bool lost = false;
  for (const PinnedGeneration& pinned : pins_->Generations()) {
    if (pinned.about.id == own_) continue;
    absl::StatusOr<Predecessor> read = ReadPredecessor(pinned);
    if (read.ok()) {
      predecessors_.push_back(*std::move(read));
      unbroken_ = true;
      continue;
    }
    lost = true;
    remarks_.push_back(std::string(read.status().message()));
    predecessors_.emplace_back().folder = pinned.folder;
  }
  if (lost && !adopted_) unbroken_ = false;
}

absl::Status Generations::PinNew(KernelPrograms& programs, uint64_t fingerprint) {
  const capmon_generation about = {CAPMON_LAYOUT_VERSION, 0, fingerprint, RandomId(), made_};
  const absl::StatusOr<std::string> folder = pins_->Begin(about.id);
  if (!folder.ok()) return folder.status();
  absl::Status status = programs.Pin(*folder);
  if (status.ok()) status = pins_->Finish(*folder, about);
  if (status.ok())
    own_ = about.id;
  else
    PinDirectory::Remove(*folder);
  return status;
}

void Generations::Pin(KernelPrograms& programs, uint64_t fingerprint) {
  if (pins_ == nullptr) return;
  if (!adopted_)
    if (const absl::Status status = PinNew(programs, fingerprint); !status.ok())
      remarks_.push_back(std::string(status.message()));
  for (const Predecessor& predecessor : predecessors_) PinDirectory::Detach(predecessor.folder);
}

std::vector<PersistentSource::PredecessorState> Generations::Predecessors() const {
  std::vector<PersistentSource::PredecessorState> result;
  if (adopted_) result.push_back({own_, made_});
  for (const Predecessor& predecessor : predecessors_)
    if (predecessor.ring) result.push_back({predecessor.generation, predecessor.made});
  return result;
}

void Generations::DeliverPredecessors(const Deliver& deliver) {
  for (const Predecessor& predecessor : predecessors_)
    if (predecessor.ring && !passed_over_.contains(predecessor.generation))
      deliver(predecessor, cursors_[predecessor.generation]);
}

void Generations::RemovePredecessors() {
  for (const Predecessor& predecessor : predecessors_) PinDirectory::Remove(predecessor.folder);
  predecessors_.clear();
  cursors_.clear();
}

}  // namespace capmon
