// SPDX-License-Identifier: Apache-2.0
// Reads the keys of capmond.yaml that are flags as well.
#pragma once

#include "daemon/settings/options.h"
#include "daemon/settings/section_reader.h"

namespace capmon {

// True if the file sets it.
bool ReadOption(const Option& option, SectionReader& top, Config& config);

}  // namespace capmon
