// SPDX-License-Identifier: Apache-2.0
// What outlives capmond: evidence in the store, counting programs in the pins. Owned by the event
// loop, but for layers().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/synchronized.h"
#include "daemon/collector/persistent_source.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/config.h"
#include "daemon/model/layer.h"
#include "daemon/monitor.h"
#include "daemon/store/sqlite_store.h"

namespace capmon {

class Persistence {
 public:
  // Persists nothing: a recording is on disk already.
  Persistence() = default;
  // Claims what the settings name. Goes on without a default that cannot be used, and says so in
  // the layers.
  static absl::StatusOr<std::unique_ptr<Persistence>> Open(const Config& config);

  const PinDirectory* pins() const { return pins_ ? &*pins_ : nullptr; }
  bool has_store() const { return store_ != nullptr; }
  // Before the first Drain: goes on from what was persisted.
  void Restore(Monitor& monitor, PersistentSource& source);
  // After each Drain: writes what changed, and lets the kernel forget it. `last` writes always.
  void Persist(Synchronized<Monitor>& monitor, PersistentSource& source, bool last);
  // For status; from any thread.
  std::vector<Layer> layers();

 private:
  absl::Status OpenStore(const Config& config);
  absl::Status OpenPins(const Config& config);
  void OnWritten(const absl::Status& status, TimeNs now);
  void SetLayer(const Layer& layer);  // replaces the one of that name, and logs it

  std::optional<PinDirectory> pins_;
  std::unique_ptr<SqliteStore> store_;
  Synchronized<std::vector<Layer>> layers_;
  std::string store_detail_;  // of a store that works
  TimeNs written_ = 0;        // when the store was last written to, by the steady clock
  TimeNs retry_after_ = 0;    // a failing store is left alone until then
};

}  // namespace capmon
