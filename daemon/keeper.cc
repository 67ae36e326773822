// SPDX-License-Identifier: Apache-2.0
#include "daemon/keeper.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/mount.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr TimeNs kSecond = 1'000'000'000;
constexpr TimeNs kIdleWrite = 10 * kSecond;  // so that a gap does not begin long before its time
constexpr TimeNs kRetry = 30 * kSecond;
constexpr char kBpffs[] = "/sys/fs/bpf";
constexpr char kNone[] = "none";
constexpr char kLoses[] = "what was learned is lost when capmond ends";
constexpr char kStops[] = "checks are not counted while capmond does not run";

std::string BootId(const std::string& proc) {
  std::ifstream file(proc + "/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

bool Nothing(const MonitorChanges& changes, const CursorChanges& cursor) {
  return changes.profiles.empty() && changes.gone.empty() && changes.moved.empty() &&
         changes.cgroups.empty() && cursor.cursor.counters.empty() &&
         cursor.cursor.losses.empty() && cursor.freed.empty();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Keeper>> Keeper::Open(const Config& config) {
  std::unique_ptr<Keeper> keeper(new Keeper());
  if (absl::Status status = keeper->OpenStore(config); !status.ok()) return status;
  if (absl::Status status = keeper->OpenPins(config); !status.ok()) return status;
  return keeper;
}

absl::Status Keeper::OpenStore(const Config& config) {
  if (config.state_dir == kNone) {
    Say({"store", "absent", fmt::format("--state-dir none: {}", kLoses)});
    return absl::OkStatus();
  }
  auto opened = SqliteStore::Open(config.state_dir, BootId(config.proc));
  if (!opened.ok()) {
    // Another daemon's directory is never a reason to do without.
    if (config.state_dir_given || absl::IsFailedPrecondition(opened.status()))
      return opened.status();
    Say({"store", "absent", fmt::format("{}: {}", std::string(opened.status().message()), kLoses)});
    return absl::OkStatus();
  }
  store_ = *std::move(opened);
  store_detail_ = config.state_dir;
  if (!store_->trouble().empty()) {
    spdlog::warn("{}", store_->trouble());
    store_detail_ += "; " + store_->trouble();
  }
  Say({"store", "ok", store_detail_});
  return absl::OkStatus();
}

absl::Status Keeper::OpenPins(const Config& config) {
  if (config.pin_dir == kNone) {
    Say({"pins", "absent", fmt::format("--pin-dir none: {}", kStops)});
    return absl::OkStatus();
  }
  if (config.mount_bpffs && !PinDirectory::Possible(fmt::format("{}/capmon", kBpffs)) &&
      ::mount("bpf", kBpffs, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
    return absl::ErrnoToStatus(errno, fmt::format("mount a BPF file system at {}", kBpffs));
  auto claimed = PinDirectory::Claim(config.pin_dir);
  if (claimed.ok()) {
    pins_.emplace(*std::move(claimed));
    Say({"pins", "ok", config.pin_dir});
    return absl::OkStatus();
  }
  if (config.pin_dir_given || absl::IsFailedPrecondition(claimed.status())) return claimed.status();
  Say({"pins", "absent", fmt::format("{}: {}", std::string(claimed.status().message()), kStops)});
  return absl::OkStatus();
}

void Keeper::Restore(Monitor& monitor, BpfSource& source) {
  if (pins_ && !source.pinned())
    Say({"pins", "failing",
         fmt::format("{}: {}", source.remarks().empty() ? "" : source.remarks().back(), kStops)});
  for (const std::string& remark : source.remarks()) spdlog::warn("{}", remark);
  TimeNs unread_since = WallClock();
  for (const BpfSource::Inherited& one : source.InheritedOnes())
    unread_since = std::min(unread_since, one.made);
  source.UnreadSince(unread_since);
  if (!store_) return;
  MonitorState kept = store_->TakeKept();
  const bool known = !kept.profiles.empty();
  const TimeNs now = WallClock();
  // Counted from here on: what a cursor tells of was never interrupted.
  TimeNs counted_from = now;
  for (const BpfSource::Inherited& one : source.InheritedOnes()) {
    const auto cursor = store_->CursorOf(one.generation);
    if (cursor.ok() && *cursor) {
      source.Resume(**cursor);
      counted_from = std::min(counted_from, kept.time);
    } else if (known && one.made < kept.time) {
      // Somebody else wrote since. How much of it is among the evidence? Never twice.
      source.PassOver(one.generation);
    } else {
      counted_from = std::min(counted_from, one.made);
    }
  }
  std::set<CgroupId> cgroups;
  for (const auto& [cgroup, place] : kept.cgroups) cgroups.insert(cgroup);
  source.Expect(std::move(cgroups));
  const TimeNs until = std::min(kept.time, now);
  if (known) source.UnreadSince(until);
  monitor.Restore(std::move(kept));
  if (!known || (source.unbroken() && counted_from <= until)) return;
  const TimeNs to = source.unbroken() ? counted_from : now;
  monitor.NoteGap({until, to,
                   source.remarks().empty() ? "capmond did not run"
                                            : "an earlier capmond's counters could not be read"});
}

void Keeper::Keep(Synchronized<Monitor>& monitor, BpfSource& source, bool last) {
  const TimeNs now = SteadyClock();
  if (!store_ || (now < retry_after_ && !last)) {
    source.TakeCursor();
    if (store_) source.PutBack();
    source.Kept();
    return;
  }
  MonitorChanges changes = monitor.With([](Monitor& m) { return m.TakeChanges(); });
  CursorChanges cursor = source.TakeCursor();
  if (Nothing(changes, cursor) && !last && now - written_ < kIdleWrite) {
    source.Kept();
    return;
  }
  const absl::Status status = store_->Write(changes, cursor);
  if (status.ok()) {
    if (std::exchange(retry_after_, 0) != 0) Say({"store", "ok", store_detail_});
    written_ = now;
  } else {
    // Until it can be written again, evidence lives in memory alone, as without a store.
    if (retry_after_ == 0) Say({"store", "failing", std::string(status.message())});
    retry_after_ = now + kRetry;
    monitor.With([&](Monitor& m) { m.PutBack(std::move(changes)); });
    source.PutBack();
  }
  source.Kept();
}

void Keeper::Say(const Layer& layer) {
  const bool as_told = layer.state == "ok" || layer.detail.starts_with("--");
  spdlog::log(as_told ? spdlog::level::info : spdlog::level::warn, "{}: {}", layer.name,
              layer.detail);
  layers_.With([&](std::vector<Layer>& layers) {
    std::erase_if(layers, [&](const Layer& other) { return other.name == layer.name; });
    layers.push_back(layer);
  });
}

std::vector<Layer> Keeper::layers() {
  return layers_.With([](std::vector<Layer>& layers) { return layers; });
}

}  // namespace capmon
