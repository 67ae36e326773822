// SPDX-License-Identifier: Apache-2.0
#include "daemon/live_settings.h"

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/settings/read_settings.h"

namespace capmon {

void LiveSettings::SetFault(const std::string& fault) {
  fault_.With([&](std::string& known) { known = fault; });
  if (!fault.empty())
    spdlog::error("{}; nothing is changed, and the settings of before stay in use", fault);
}

absl::StatusOr<Settings> LiveSettings::ReadAgain() const {
  const auto file = ReadSettingsFile(settings_.file, ThisHost());
  if (!file.ok()) return file.status();
  if (absl::Status status = FaultStatus(settings_.file, file->faults); !status.ok()) return status;
  return Combine(settings_.config, settings_.flags, settings_.file, *file);
}

void LiveSettings::Reload(const Apply& apply) {
  if (settings_.file.empty()) return;
  const auto combined = ReadAgain();
  if (!combined.ok()) return SetFault(std::string(combined.status().message()));
  if (const absl::Status applied = apply(combined->feed); !applied.ok())
    return SetFault(absl::StrCat(settings_.file, ": ", std::string(applied.message())));
  SetFault("");
  for (const std::string& warning : combined->warnings) spdlog::warn("{}", warning);
  const std::vector<std::string> changed = ChangedOptions(settings_.config, combined->config);
  if (!changed.empty())
    spdlog::warn("{} changed in {}; that needs a restart of capmond", absl::StrJoin(changed, ", "),
                 settings_.file);
  settings_.feed = combined->feed;
  spdlog::info("read {} again", settings_.file);
}

}  // namespace capmon
