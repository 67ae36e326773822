// SPDX-License-Identifier: Apache-2.0
// The comments at the top of settings: their source, and notes for the reader.
#pragma once

#include <string>
#include <vector>

#include "client/render/artefact/kinds.h"

namespace capmon {

// Returns lines that begin with "# ", safe on a terminal and in every format with such comments.
std::vector<std::string> About(const ArtefactInput& input, const Kind& kind,
                               const std::vector<std::string>& notes);

// Returns why the evidence is incomplete, as a part of a sentence, or "".
std::string WhyIncomplete(const v1::Confidence& confidence);

// Returns what to do about it: "restart it". Never advises what cannot help.
std::string RemedyFor(const v1::Profile& profile);

}  // namespace capmon
