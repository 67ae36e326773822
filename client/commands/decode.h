// SPDX-License-Identifier: Apache-2.0
// Capability masks by the names of their capabilities. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/base/settings.h"
#include "client/host/masks.h"

namespace capmon {

// "0x00000000a80425fb=CAP_CHOWN,CAP_DAC_OVERRIDE", one mask a line, or a document.
std::string Decoded(const std::vector<Mask>& masks, Format format);
// What both directions print as a document: one object for one mask without a label, else
// {"masks": [...]}; one object a line for jsonl.
std::string MasksDocument(const std::vector<Mask>& masks, Format format);

}  // namespace capmon
