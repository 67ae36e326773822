// SPDX-License-Identifier: Apache-2.0
// A document as YAML that reads back as exactly that document, whatever its strings hold; but for
// code points that are no characters, such as U+FFFE, which become U+FFFD.
#pragma once

#include <string>

#include "client/render/artefact/subject.h"

namespace capmon {

// Ends with a newline. Objects in the order of their keys' insertion.
std::string ToYaml(const Json& document);

}  // namespace capmon
