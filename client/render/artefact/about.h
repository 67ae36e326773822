// SPDX-License-Identifier: Apache-2.0
// The comments at the top of settings: their source, and notes for the reader.
#pragma once

#include <string>
#include <vector>

#include "client/render/artefact/kinds.h"

namespace capmon {

// Lines that begin with "# ", safe in any format that knows such comments and on a terminal.
std::vector<std::string> About(const Subject& subject, const Kind& kind,
                               const std::vector<std::string>& notes);

// Why more should be learned before this profile is relied upon: a part of a sentence. "" if
// nothing speaks against it.
std::string WhyIncomplete(const v1::Confidence& confidence);

// What to do about that, as an order: "restart it". Never what cannot help.
std::string RemedyFor(const v1::Profile& profile);

}  // namespace capmon
