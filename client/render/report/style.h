// SPDX-License-Identifier: Apache-2.0
// style.css, embedded in the binary.
#pragma once

namespace capmon {

extern const char kReportStyle[];
extern const char kReportStyleHash[];  // "sha256-...", for the page's content security policy

}  // namespace capmon
