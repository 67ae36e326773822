// SPDX-License-Identifier: Apache-2.0
// Capability masks by the names of their capabilities. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/host/masks.h"

namespace capmon {

// "0x00000000a80425fb=CAP_CHOWN,CAP_DAC_OVERRIDE", one mask a line, or a document.
absl::StatusOr<std::string> Decoded(const std::vector<Mask>& masks, OutputFormat format);
// Renders the masks of `decode` and `encode` as a document: one object for one mask without a
// label, else {"masks": [...]}; for jsonl one object per line.
absl::StatusOr<std::string> MasksDocument(const std::vector<Mask>& masks, OutputFormat format);

}  // namespace capmon
