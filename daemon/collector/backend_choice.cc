// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/backend_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace capmon {

absl::Status StartBest(const std::vector<std::string>& backends, const std::string& only,
                       const std::function<absl::Status(const std::string& backend)>& start) {
  std::vector<std::string> refusals;
  bool all_forbidden = true;
  for (const std::string& backend : backends) {
    if (!only.empty() && only != backend) continue;
    const absl::Status status = start(backend);
    if (status.ok()) return status;
    all_forbidden &= absl::IsPermissionDenied(status);
    refusals.push_back(fmt::format("{}: {}", backend, std::string(status.message())));
  }
  if (refusals.empty())
    return absl::InvalidArgumentError(
        fmt::format("there is no back end \"{}\": choose fexit, tp_btf or kprobe", only));
  const std::string reasons = fmt::format("{}", fmt::join(refusals, "; "));
  if (all_forbidden)
    return absl::PermissionDeniedError(
        fmt::format("loading BPF programs is not permitted: run as root or with CAP_BPF and "
                    "CAP_PERFMON ({})",
                    reasons));
  return absl::UnavailableError(fmt::format("no back end works on this kernel ({})", reasons));
}

}  // namespace capmon
