// SPDX-License-Identifier: Apache-2.0
// Reads descriptions of systemd units from their files.
#pragma once

#include <string>
#include <vector>

#include "daemon/attribution/lookup.h"

namespace capmon {

class SystemdUnits final : public MetadataSource {
 public:
  // The directories in systemd's order.
  static std::vector<std::string> Directories();

  explicit SystemdUnits(std::vector<std::string> directories = Directories())
      : directories_(std::move(directories)) {}

  bool Handles(const ContainerRef& wanted) const override;  // the system's services, by name
  absl::Status ListAll(const Answers& answers, std::stop_token stop) override;
  absl::Status Check(const Answers& answers, std::stop_token stop) override;
  absl::StatusOr<Found> Inspect(const ContainerRef& wanted, const Answers& answers,
                                std::stop_token stop) override;

 private:
  const std::vector<std::string> directories_;
};

// Returns Description= of a unit file, for the unit of this name. Pure.
std::string UnitDescription(const std::string& file, const std::string& unit);

}  // namespace capmon
