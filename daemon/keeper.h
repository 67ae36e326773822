// SPDX-License-Identifier: Apache-2.0
// What lives on when capmond does not: evidence in the store, counting programs in the pins. Owned
// by the event loop, but for layers().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/api/convert.h"
#include "daemon/base/synchronized.h"
#include "daemon/collector/bpf_source.h"
#include "daemon/config.h"
#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"

namespace capmon {

class Keeper {
 public:
  // Claims what the settings name. A default that cannot be used is gone without, and said.
  static absl::StatusOr<std::unique_ptr<Keeper>> Open(const Config& config);

  const PinDirectory* pins() const { return pins_ ? &*pins_ : nullptr; }
  bool has_store() const { return store_ != nullptr; }
  // Before the first Drain: goes on from what was kept.
  void Restore(Monitor& monitor, BpfSource& source);
  // After each Drain: writes what changed, and lets the kernel forget it. `last` writes always.
  void Keep(Synchronized<Monitor>& monitor, BpfSource& source, bool last);
  // For status; from any thread.
  std::vector<Layer> layers();

 private:
  Keeper() = default;
  absl::Status OpenStore(const Config& config);
  absl::Status OpenPins(const Config& config);
  void Say(const Layer& layer);  // replaces the one of that name, and logs it

  std::optional<PinDirectory> pins_;
  std::unique_ptr<SqliteStore> store_;
  Synchronized<std::vector<Layer>> layers_;
  std::string store_detail_;  // of a store that does
  TimeNs written_ = 0;        // when the store was last written to, by the steady clock
  TimeNs retry_after_ = 0;    // a failing store is left alone until then
};

}  // namespace capmon
