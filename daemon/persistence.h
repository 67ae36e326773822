// SPDX-License-Identifier: Apache-2.0
// Persistence: evidence in the store, counting programs in the pins. Owned by the event loop,
// except layers().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/synchronized.h"
#include "daemon/collector/persistent_source.h"
#include "daemon/collector/pinned_state.h"
#include "daemon/model/layer.h"
#include "daemon/monitor.h"
#include "daemon/settings/config.h"
#include "daemon/store/sqlite_store.h"

namespace capmon {

class Persistence {
 public:
  // Persists nothing: for a recording.
  Persistence() = default;
  // Claims the configured directories. Continues without a default that cannot be used, and reports
  // that in the layers.
  static absl::StatusOr<std::unique_ptr<Persistence>> Open(const Config& config);

  const PinDirectory* pins() const { return pins_ ? &*pins_ : nullptr; }
  bool has_store() const { return store_ != nullptr; }
  // Call before the first Drain: continues from what was persisted.
  void Restore(Monitor& monitor, PersistentSource& source);
  // Call after each Drain: writes the changes, then lets the kernel free what they contain. With
  // `at_once` it writes in any case, also to a store that just failed.
  void Persist(Synchronized<Monitor>& monitor, PersistentSource& source, bool at_once);
  // For status; any thread, like the next.
  std::vector<Layer> layers();
  // Of the store, since the start.
  struct Writes {
    uint64_t done = 0, failed = 0;
    TimeNs last = 0;       // when one was done, by the wall clock; 0: never
    std::string database;  // the file; "" without a store
  };
  Writes writes();

 private:
  absl::Status OpenStore(const Config& config);
  absl::Status OpenPins(const Config& config);
  void OnWritten(const absl::Status& status, TimeNs now);
  void SetLayer(const Layer& layer);  // replaces the layer of that name and logs it

  std::optional<PinDirectory> pins_;
  std::unique_ptr<SqliteStore> store_;
  Synchronized<std::vector<Layer>> layers_;
  Synchronized<Writes> writes_;
  std::string store_detail_;  // detail of a working store
  TimeNs written_ = 0;        // the time of the last write, by the steady clock
  TimeNs retry_after_ = 0;    // a failing store is not used until then
};

}  // namespace capmon
