// SPDX-License-Identifier: Apache-2.0
#include "daemon/persistence.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/mount.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "daemon/base/wall_clock.h"
#include "daemon/checkpoint.h"
#include "daemon/restore.h"

namespace capmon {
namespace {

constexpr TimeNs kIdleWrite = 10 * kSecond;  // bounds the gap after a crash of an idle capmond
constexpr TimeNs kRetry = 30 * kSecond;
constexpr char kBpffs[] = "/sys/fs/bpf";
constexpr char kNowhere[] = "none";
constexpr char kLoses[] = "evidence is lost when capmond stops";
constexpr char kStops[] = "checks are not counted while capmond is stopped";

std::string BootId(const std::string& proc) {
  std::ifstream file(proc + "/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Persistence>> Persistence::Open(const Config& config) {
  std::unique_ptr<Persistence> persistence(new Persistence());
  if (absl::Status status = persistence->OpenStore(config); !status.ok()) return status;
  if (absl::Status status = persistence->OpenPins(config); !status.ok()) return status;
  return persistence;
}

absl::Status Persistence::OpenStore(const Config& config) {
  if (config.state_dir == kNowhere) {
    SetLayer({"store", "absent", fmt::format("--state-dir none: {}", kLoses)});
    return absl::OkStatus();
  }
  auto opened = SqliteStore::Open(config.state_dir, BootId(config.proc));
  if (!opened.ok()) {
    // Never continues without a directory that another daemon uses.
    if (config.state_dir_given || absl::IsFailedPrecondition(opened.status()))
      return opened.status();
    SetLayer(
        {"store", "absent", fmt::format("{}: {}", std::string(opened.status().message()), kLoses)});
    return absl::OkStatus();
  }
  store_ = *std::move(opened);
  store_detail_ = config.state_dir;
  writes_.With([&](Writes& writes) { writes.database = store_->file(); });
  if (!store_->trouble().empty()) {
    spdlog::warn("{}", store_->trouble());
    store_detail_ += "; " + store_->trouble();
  }
  SetLayer({"store", "ok", store_detail_});
  return absl::OkStatus();
}

absl::Status Persistence::OpenPins(const Config& config) {
  if (config.pin_dir == kNowhere) {
    SetLayer({"pins", "absent", fmt::format("--pin-dir none: {}", kStops)});
    return absl::OkStatus();
  }
  if (config.mount_bpffs && !PinDirectory::Possible(fmt::format("{}/capmon", kBpffs)) &&
      ::mount("bpf", kBpffs, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
    return absl::ErrnoToStatus(errno, fmt::format("mount a BPF file system at {}", kBpffs));
  auto claimed = PinDirectory::Claim(config.pin_dir);
  if (claimed.ok()) {
    pins_.emplace(*std::move(claimed));
    SetLayer({"pins", "ok", config.pin_dir});
    return absl::OkStatus();
  }
  if (config.pin_dir_given || absl::IsFailedPrecondition(claimed.status())) return claimed.status();
  SetLayer(
      {"pins", "absent", fmt::format("{}: {}", std::string(claimed.status().message()), kStops)});
  return absl::OkStatus();
}

void Persistence::Restore(Monitor& monitor, PersistentSource& source) {
  if (pins_ && !source.pinned())
    SetLayer(
        {"pins", "failing",
         fmt::format("{}: {}", source.remarks().empty() ? "" : source.remarks().back(), kStops)});
  for (const std::string& remark : source.remarks()) spdlog::warn("{}", remark);
  RestoreFrom(store_.get(), monitor, source);
}

void Persistence::Persist(Synchronized<Monitor>& monitor, PersistentSource& source, bool at_once) {
  const TimeNs now = SteadyClock();
  if (store_ && now < retry_after_ && !at_once) {
    source.DrainCursor();
    source.Rollback();
    return;
  }
  Checkpoint checkpoint(monitor, source);
  if (!store_ || (checkpoint.empty() && !at_once && now - written_ < kIdleWrite))
    checkpoint.CommitUnwritten();
  else
    OnWritten(checkpoint.Commit(*store_), now);
}

void Persistence::OnWritten(const absl::Status& status, TimeNs now) {
  writes_.With([&](Writes& writes) {
    ++(status.ok() ? writes.done : writes.failed);
    if (status.ok()) writes.last = WallClock();
  });
  if (status.ok()) {
    if (std::exchange(retry_after_, 0) != 0) SetLayer({"store", "ok", store_detail_});
    written_ = now;
  } else {
    // Until the store can be written again, evidence is only in memory, as without a store.
    if (retry_after_ == 0) SetLayer({"store", "failing", std::string(status.message())});
    retry_after_ = now + kRetry;
  }
}

void Persistence::SetLayer(const Layer& layer) {
  const bool expected = layer.state == "ok" || layer.detail.starts_with("--");
  spdlog::log(expected ? spdlog::level::info : spdlog::level::warn, "{}: {}", layer.name,
              layer.detail);
  layers_.With([&](std::vector<Layer>& layers) {
    std::erase_if(layers, [&](const Layer& other) { return other.name == layer.name; });
    layers.push_back(layer);
  });
}

Persistence::Writes Persistence::writes() {
  return writes_.With([](Writes& writes) { return writes; });
}

std::vector<Layer> Persistence::layers() {
  return layers_.With([](std::vector<Layer>& layers) { return layers; });
}

}  // namespace capmon
