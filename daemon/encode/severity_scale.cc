// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/severity_scale.h"

#include <cstddef>
#include <iterator>

namespace capmon {
namespace {

// By severity, from info to critical.
constexpr SeverityScale kScales[] = {
    {1, "Informational", "Informational", 6, 3, 9, 21, "info"},
    {2, "Low", "Notice", 5, 4, 10, 30, "notice"},
    {3, "Medium", "Warning", 4, 6, 13, 47, "warning"},
    {4, "High", "Error", 3, 7, 17, 73, "error"},
    {5, "Critical", "Critical", 2, 8, 21, 99, "critical"},
};
static_assert(std::size(kScales) == static_cast<size_t>(Severity::kCritical) + 1);

}  // namespace

const SeverityScale& ScaleOf(Severity severity) { return kScales[static_cast<size_t>(severity)]; }

}  // namespace capmon
