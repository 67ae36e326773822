// SPDX-License-Identifier: Apache-2.0
// Writes a document as YAML that reads back as exactly the same document, for any strings; only
// code points that are no characters, such as U+FFFE, become U+FFFD.
#pragma once

#include <string>

#include "client/render/artefact/artefact_input.h"

namespace capmon {

// Ends with a newline. Keys stay in the order of their insertion.
std::string ToYaml(const Json& document);

}  // namespace capmon
