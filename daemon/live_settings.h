// SPDX-License-Identifier: Apache-2.0
// The settings in use, and the file that a reload reads again. A file with a fault changes nothing.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/base/synchronized.h"
#include "daemon/settings/settings.h"

namespace capmon {

class LiveSettings {
 public:
  explicit LiveSettings(Settings settings) : settings_(std::move(settings)) {}

  // Applies the feed's part of the settings; if that fails, nothing has changed.
  using Apply = std::function<absl::Status(const FeedSettings&)>;
  // Reads the file again, applies it, and logs what that means. Without a file, or for one that has
  // a fault, applies nothing.
  void Reload(const Apply& apply);

  const Settings& settings() const { return settings_; }
  const std::string& file() const { return settings_.file; }
  // Why the last reload changed nothing; "" if it was applied. Any thread.
  std::string fault() const {
    return fault_.With([](const std::string& fault) { return fault; });
  }

 private:
  absl::StatusOr<Settings> ReadAgain() const;
  void SetFault(const std::string& fault);

  Settings settings_;
  mutable Synchronized<std::string> fault_{""};
};

}  // namespace capmon
